/* printed.h - numbers as documents print them, and how exact they are. */
#ifndef SCENARIOS_PRINTED_H
#define SCENARIOS_PRINTED_H

#include <stdbool.h>
#include <stddef.h>

struct printed_number {
    double value;
    double half_unit; /* half of what one in the last printed digit is worth: 0.05 for "2.3", 0.5 for "1404" */
};

/* The number that `text` begins with, such as "-216", "280.80", "1,424" or "1.5e3"; *size is its length in bytes.
 * False, and *size 0, where it begins with none.
 */
bool printed_begin(const char *text, struct printed_number *number, size_t *size);

/* The number that the whole text is, blanks around it aside. False where it is anything else. */
bool printed_parse(const char *text, struct printed_number *number);

/* The two ends of a range such as "2.0-2.5" or "8 - 10", the lower one first. False where the text is none. */
bool printed_parse_range(const char *text, struct printed_number *low, struct printed_number *high);

#endif
