/* compare_sensitivity_report.c - does it hold? Table and words. */
#include <stdarg.h>
#include <stdio.h>

#include "analysis/compare_sensitivity.h"
#include "analysis/format.h"
#include "analysis/sensitivity_report.h"
#include "analysis/style.h"

enum {
    NAME_WIDTH = 34,
    CHANGE_WIDTH = 28,
    WORDS_SIZE = 4000
};

/* ---- The table ---- */

static void print_row(const struct compare_sensitivity *sensitivity, size_t reading, size_t item, FILE *out)
{
    bool is_base = reading == sensitivity->count;
    const char *name = is_base ? "as it is" : sensitivity->readings[reading].reading->name;
    char line[256];
    int used = snprintf(line, sizeof line, "  %-*.60s", NAME_WIDTH, name);
    for (size_t i = 0; i < SENSITIVITY_FIGURES; i++) {
        if (!sensitivity->metrics[i])
            continue;
        const struct sensitivity_change *change = compare_sensitivity_change(sensitivity, reading, item, i);
        used += snprintf(line + used, sizeof line - (size_t)used, "%*.40s", CHANGE_WIDTH,
                         sensitivity_report_change(change, sensitivity->metrics[i]).text);
    }
    while (used > 0 && line[used - 1] == ' ')
        line[--used] = '\0';
    fprintf(out, "%s\n", line);
}

static void print_table(const struct compare_sensitivity *sensitivity, size_t item, const struct style *style,
                        FILE *out)
{
    char name[64];
    snprintf(name, sizeof name, "[%zu] against [1]", item + 1);
    fprintf(out, "\n%s%-*s", style->bold, NAME_WIDTH + 2, name);
    for (size_t i = 0; i < SENSITIVITY_FIGURES; i++)
        if (sensitivity->metrics[i])
            fprintf(out, "%*s", CHANGE_WIDTH, sensitivity_report_title(sensitivity->metrics[i]));
    fprintf(out, "%s\n", style->plain);
    print_row(sensitivity, sensitivity->count, item, out);
    for (size_t i = 0; i < sensitivity->count; i++)
        if (sensitivity->readings[i].is_done)
            print_row(sensitivity, i, item, out);
}

/* ---- In words ---- */

/* What becomes of a change under a reading. */
enum outcome {
    HOLDS,
    TURNS,
    NO_DIFFERENCE,
    NOT_TOLD,
    APPEARS /* though without readings there is none that could be told */
};

static enum outcome outcome_of(const struct sensitivity_change *base, const struct sensitivity_change *other)
{
    if (other->standing == SENSITIVITY_NONE)
        return NO_DIFFERENCE;
    if (other->standing != SENSITIVITY_TOLD)
        return NOT_TOLD;
    if (base->standing != SENSITIVITY_TOLD)
        return APPEARS;
    return (other->change > 0) == (base->change > 0) ? HOLDS : TURNS;
}

struct words {
    char text[WORDS_SIZE]; /* what does not fit is cut */
    size_t used;
};

__attribute__((format(printf, 2, 3))) static void say(struct words *words, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (words->used < sizeof words->text)
        words->used +=
            (size_t)vsnprintf(words->text + words->used, sizeof words->text - words->used, format, arguments);
    va_end(arguments);
}

static size_t count_of(const struct compare_sensitivity *sensitivity, size_t item, size_t figure, enum outcome outcome)
{
    const struct sensitivity_change *base = compare_sensitivity_change(sensitivity, sensitivity->count, item, figure);
    size_t count = 0;
    for (size_t i = 0; i < sensitivity->count; i++)
        count += sensitivity->readings[i].is_done &&
                 outcome_of(base, compare_sensitivity_change(sensitivity, i, item, figure)) == outcome;
    return count;
}

/* "; turns in 2: tick=5 s, over_factor=1" */
static void say_outcome(struct words *words, const struct compare_sensitivity *sensitivity, size_t item, size_t figure,
                        enum outcome outcome, const char *lead)
{
    const struct sensitivity_change *base = compare_sensitivity_change(sensitivity, sensitivity->count, item, figure);
    size_t count = count_of(sensitivity, item, figure, outcome);
    size_t said = 0;
    if (count > 0)
        say(words, "; %s %zu: ", lead, count);
    for (size_t i = 0; i < sensitivity->count; i++) {
        const struct sensitivity_change *change = compare_sensitivity_change(sensitivity, i, item, figure);
        if (sensitivity->readings[i].is_done && outcome_of(base, change) == outcome)
            say(words, "%s%s", said++ > 0 ? ", " : "", sensitivity->readings[i].reading->name);
    }
}

static size_t done_count(const struct compare_sensitivity *sensitivity)
{
    size_t count = 0;
    for (size_t i = 0; i < sensitivity->count; i++)
        count += sensitivity->readings[i].is_done;
    return count;
}

static void print_words(const struct compare_sensitivity *sensitivity, size_t item, size_t figure, FILE *out)
{
    const struct metric *metric = sensitivity->metrics[figure];
    const struct sensitivity_change *base = compare_sensitivity_change(sensitivity, sensitivity->count, item, figure);
    struct words words = {.used = 0};
    bool is_told = base->standing == SENSITIVITY_TOLD;
    say(&words, "%s is %s", sensitivity_report_title(metric),
        !is_told           ? "not told apart as it is"
        : base->change > 0 ? "higher as it is"
                           : "lower as it is");
    if (is_told)
        say(&words, ", and in %zu of %zu other readings", count_of(sensitivity, item, figure, HOLDS),
            done_count(sensitivity));
    say_outcome(&words, sensitivity, item, figure, TURNS, "the other way round in");
    say_outcome(&words, sensitivity, item, figure, APPEARS, "but it is in");
    say_outcome(&words, sensitivity, item, figure, NO_DIFFERENCE, "no difference at all in");
    if (is_told)
        say_outcome(&words, sensitivity, item, figure, NOT_TOLD, "not told from zero in");
    fputs("  ", out);
    format_wrapped(words.text, 2, out);
}

void compare_sensitivity_print(const struct compare_sensitivity *sensitivity, bool use_color, FILE *out)
{
    struct style style = style_of(use_color);
    if (sensitivity->count == 0) {
        fputs("\nNothing here goes by rules that are not published: there are no other readings\n", out);
        return;
    }
    fprintf(out, "\n%sDoes it hold where what is not published is read otherwise?%s The same reading for all:\n",
            style.bold, style.plain);
    for (size_t item = 1; item < sensitivity->compare->count; item++) {
        print_table(sensitivity, item, &style, out);
        for (size_t i = 0; i < SENSITIVITY_FIGURES; i++)
            if (sensitivity->metrics[i])
                print_words(sensitivity, item, i, out);
    }
    if (!sensitivity->is_whole)
        fprintf(out, "%sInterrupted%s: %zu of %zu readings were run\n", style.red, style.plain, done_count(sensitivity),
                sensitivity->count);
}
