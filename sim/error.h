/* error.h - how things are reported that did not go as asked.
 *
 * A cause outside the program (a scenario, a command line, a disk) is a status that the caller must use, with a
 * struct sim_error that says where and what. A mistake inside the program fails an assertion, in every build.
 * Running out of memory ends the program: a batch tool gains nothing from limping on.
 */
#ifndef SIM_ERROR_H
#define SIM_ERROR_H

#include <stddef.h>

/* Every status with the text that a person reads. */
#define SIM_STATUS_LIST(ITEM)                            \
    ITEM(SIM_OK, "done")                                 \
    ITEM(SIM_BAD_INPUT, "bad input")                     \
    ITEM(SIM_CANNOT_READ, "cannot read")                 \
    ITEM(SIM_CANNOT_WRITE, "cannot write")               \
    ITEM(SIM_NOT_A_TRACE, "not a trace of this program") \
    ITEM(SIM_AUDIT_FAILED, "the run contradicts itself") \
    ITEM(SIM_INTERRUPTED, "interrupted")

enum sim_status {
#define SIM_STATUS_MEMBER(name, text) name,
    SIM_STATUS_LIST(SIM_STATUS_MEMBER)
#undef SIM_STATUS_MEMBER
};

#define SIM_MUST_USE __attribute__((warn_unused_result))

/* Where and what. `file` is empty where there is none; `line` and `column` count from 1, 0 where unknown.
 * The message says what was found and what was expected, without a full stop or a new line.
 */
struct sim_error {
    enum sim_status status;
    char file[256];
    int line;
    int column;
    char message[512];
};

/* Text of a status; for a number that is none, "unknown status". Never NULL. */
const char *sim_status_text(enum sim_status status);

/* Fills `error` (which may be NULL: then nothing is kept) and returns `status`, so that a function can end in
 * `return sim_error_set(...)`. `file` may be NULL. Text that is too long is cut.
 */
enum sim_status sim_error_set(struct sim_error *error, enum sim_status status, const char *file, int line,
                              const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Ends the program with exit code 3 and a message that names the broken assumption. */
#define sim_assert(claim) ((claim) ? (void)0 : sim_assert_failed(#claim, __FILE__, __LINE__))
_Noreturn void sim_assert_failed(const char *claim, const char *file, int line);

#endif
