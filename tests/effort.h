/* effort.h - how much a test should try: the same test runs in seconds before a commit and for minutes at night. */
#ifndef TESTS_EFFORT_H
#define TESTS_EFFORT_H

/* `quick`, `normal` or `thorough`, as the environment variable CAPSIM_TEST_EFFORT says (quick, normal, long). */
unsigned test_effort(unsigned quick, unsigned normal, unsigned thorough);

#endif
