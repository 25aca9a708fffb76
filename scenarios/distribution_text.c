/* distribution_text.c - one list of distributions with the parameters of each form. */
#include "scenarios/distribution_text.h"

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "scenarios/column.h"
#include "scenarios/formula.h"
#include "scenarios/quantity.h"
#include "scenarios/suggest.h"

enum parameter_kind {
    PARAMETER_VALUE, /* in the unit of the key */
    PARAMETER_RATIO
};

struct parameter {
    const char *name;
    enum parameter_kind kind;
};

/* One way to write one distribution. */
struct form {
    const char *name;
    struct parameter parameters[2];
    size_t count;
    bool is_named_only;
    enum sim_status (*construct_one)(struct sim_distribution *, double, struct sim_error *);
    enum sim_status (*construct_two)(struct sim_distribution *, double, double, struct sim_error *);
};

#define MEAN_AND_CV                \
    {                              \
        {"mean", PARAMETER_VALUE}, \
        {                          \
            "cv", PARAMETER_RATIO  \
        }                          \
    }

static const struct form forms[] = {
    {"fixed", {{"value", PARAMETER_VALUE}}, 1, false, sim_distribution_fixed, NULL},
    {"exponential", {{"mean", PARAMETER_VALUE}}, 1, false, sim_distribution_exponential, NULL},
    {"uniform", {{"low", PARAMETER_VALUE}, {"high", PARAMETER_VALUE}}, 2, false, NULL, sim_distribution_uniform},
    {"lognormal", MEAN_AND_CV, 2, false, NULL, sim_distribution_lognormal},
    {"lognormal",
     {{"median", PARAMETER_VALUE}, {"sigma", PARAMETER_RATIO}},
     2,
     true,
     NULL,
     sim_distribution_lognormal_median},
    {"gamma", MEAN_AND_CV, 2, false, NULL, sim_distribution_gamma},
    {"weibull", MEAN_AND_CV, 2, false, NULL, sim_distribution_weibull},
    {"normal", MEAN_AND_CV, 2, false, NULL, sim_distribution_normal},
};
#define FORM_COUNT (sizeof forms / sizeof *forms)

static enum sim_status at_column(struct sim_error *error, int column)
{
    error->line = 1;
    error->column = column;
    return error->status;
}

static enum sim_status read_number(const struct formula *argument, const char *unit, double *value,
                                   struct sim_error *error)
{
    if (argument->name) {
        sim_error_set(error, SIM_BAD_INPUT, NULL, 1, "expected a number, not '%s'", argument->text);
        return at_column(error, argument->column);
    }
    if (quantity_parse(argument->text, unit, value, error) != SIM_OK)
        return at_column(error, argument->column);
    return SIM_OK;
}

static enum sim_status read_value(const struct formula *argument, const struct distribution_context *context,
                                  double *value, struct sim_error *error)
{
    enum sim_status status = read_number(argument, context->unit, value, error);
    bool is_limited = context->lowest < context->highest;
    if (status != SIM_OK || !is_limited || (*value >= context->lowest && *value <= context->highest))
        return status;
    sim_error_set(error, SIM_BAD_INPUT, NULL, 1, "'%s' is not within %.16g to %.16g%s%s", argument->text,
                  context->lowest, context->highest, context->unit[0] ? " " : "", context->unit);
    return at_column(error, argument->column);
}

/* The argument for a parameter: by name, or by position among those without a name. */
static const struct formula *find_argument(const struct formula *formula, const struct form *form, size_t index)
{
    for (size_t i = 0; i < formula->argument_count; i++) {
        const struct formula *argument = &formula->arguments[i];
        bool is_named = argument->separator == '=' && strcmp(argument->label, form->parameters[index].name) == 0;
        bool is_placed = argument->separator == '\0' && i == index && !form->is_named_only;
        if (is_named || is_placed)
            return argument;
    }
    return NULL;
}

/* Whether each argument belongs to exactly one parameter. */
static bool is_match(const struct formula *formula, const struct form *form)
{
    if (formula->argument_count != form->count)
        return false;
    const struct formula *first = find_argument(formula, form, 0);
    const struct formula *second = form->count > 1 ? find_argument(formula, form, 1) : NULL;
    return first && (form->count == 1 || (second && second != first));
}

static enum sim_status construct(const struct formula *formula, const struct form *form,
                                 const struct distribution_context *context, struct sim_distribution *distribution,
                                 struct sim_error *error)
{
    double values[2] = {0};
    for (size_t i = 0; i < form->count; i++) {
        const struct formula *argument = find_argument(formula, form, i);
        enum sim_status status = form->parameters[i].kind == PARAMETER_VALUE
                                     ? read_value(argument, context, &values[i], error)
                                     : read_number(argument, "ratio", &values[i], error);
        if (status != SIM_OK)
            return status;
    }
    enum sim_status status = form->construct_one ? form->construct_one(distribution, values[0], error)
                                                 : form->construct_two(distribution, values[0], values[1], error);
    return status == SIM_OK ? SIM_OK : at_column(error, formula->column);
}

/* empirical(file, column) */

static bool is_plain(const struct formula *formula, size_t index)
{
    return !formula->arguments[index].name && formula->arguments[index].separator == '\0';
}

static enum sim_status build_empirical(const struct formula *formula, const struct distribution_context *context,
                                       struct sim_distribution *distribution, struct sim_error *error)
{
    if (formula->argument_count != 2 || !is_plain(formula, 0) || !is_plain(formula, 1)) {
        sim_error_set(error, SIM_BAD_INPUT, NULL, 1, "expected empirical(file, column), not '%s'", formula->text);
        return at_column(error, formula->column);
    }
    const char *path = source_resolve(context->source, formula->arguments[0].text, context->arena);
    struct column column;
    enum sim_status status = column_read(path, formula->arguments[1].text, context->arena, &column, error);
    if (status == SIM_OK)
        status = sim_distribution_empirical(distribution, context->arena, column.values, NULL, column.count, error);
    return status == SIM_OK ? SIM_OK : at_column(error, formula->column);
}

/* mixture(share: distribution, ...) */

static enum sim_status build(const struct formula *formula, const struct distribution_context *context,
                             struct sim_distribution *distribution, struct sim_error *error);

static enum sim_status build_part(const struct formula *argument, const struct distribution_context *context,
                                  double *share, struct sim_distribution *part, struct sim_error *error)
{
    struct formula label = {.text = argument->label, .column = argument->column};
    if (argument->separator != ':') {
        sim_error_set(error, SIM_BAD_INPUT, NULL, 1, "expected a part such as '70%%: fixed(1 s)', not '%s'",
                      argument->text);
        return at_column(error, argument->column);
    }
    enum sim_status status = read_number(&label, "ratio", share, error);
    return status == SIM_OK ? build(argument, context, part, error) : status;
}

static enum sim_status build_mixture(const struct formula *formula, const struct distribution_context *context,
                                     struct sim_distribution *distribution, struct sim_error *error)
{
    double shares[FORMULA_ARGUMENT_MAX] = {0};
    size_t count = formula->argument_count;
    struct sim_distribution *parts = sim_arena_allocate(context->arena, count, sizeof *parts);
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        enum sim_status status = build_part(&formula->arguments[i], context, &shares[i], &parts[i], error);
        if (status != SIM_OK)
            return status;
        sum += shares[i];
    }
    if (sum < 1 - 1e-9 || sum > 1 + 1e-9) {
        sim_error_set(error, SIM_BAD_INPUT, NULL, 1, "the shares of a mixture add up to %.10g, not to 1", sum);
        return at_column(error, formula->column);
    }
    enum sim_status status = sim_distribution_mixture(distribution, context->arena, shares, parts, count, error);
    return status == SIM_OK ? SIM_OK : at_column(error, formula->column);
}

/* The name is known but its arguments fit no form, or the name is not known. */
static enum sim_status refuse(const struct formula *formula, struct sim_error *error)
{
    struct suggestion search = suggest_begin(formula->name);
    for (size_t i = 0; i < FORM_COUNT; i++) {
        const struct form *form = &forms[i];
        suggest_offer(&search, form->name);
        if (strcmp(form->name, formula->name) != 0)
            continue;
        sim_error_set(error, SIM_BAD_INPUT, NULL, 1, "expected %s(%s%s%s), not '%s'", form->name,
                      form->parameters[0].name, form->count > 1 ? ", " : "",
                      form->count > 1 ? form->parameters[1].name : "", formula->text);
        return at_column(error, formula->column);
    }
    suggest_offer(&search, "empirical");
    suggest_offer(&search, "mixture");
    sim_error_set(error, SIM_BAD_INPUT, NULL, 1, "there is no distribution '%s'%s%s%s", formula->name,
                  search.nearest ? "; did you mean '" : "", search.nearest ? search.nearest : "",
                  search.nearest ? "'?" : "");
    return at_column(error, formula->column);
}

static enum sim_status build(const struct formula *formula, const struct distribution_context *context,
                             struct sim_distribution *distribution, struct sim_error *error)
{
    if (!formula->name) {
        double value = 0;
        enum sim_status status = read_value(formula, context, &value, error);
        if (status == SIM_OK)
            status = sim_distribution_fixed(distribution, value, error);
        return status == SIM_OK ? SIM_OK : at_column(error, formula->column);
    }
    if (strcmp(formula->name, "empirical") == 0)
        return build_empirical(formula, context, distribution, error);
    if (strcmp(formula->name, "mixture") == 0)
        return build_mixture(formula, context, distribution, error);
    for (size_t i = 0; i < FORM_COUNT; i++)
        if (strcmp(forms[i].name, formula->name) == 0 && is_match(formula, &forms[i]))
            return construct(formula, &forms[i], context, distribution, error);
    return refuse(formula, error);
}

enum sim_status distribution_text_parse(const char *text, const struct distribution_context *context,
                                        struct sim_distribution *distribution, struct sim_error *error)
{
    struct formula formula;
    enum sim_status status = formula_parse(text, context->arena, &formula, error);
    return status == SIM_OK ? build(&formula, context, distribution, error) : status;
}

/* ---- Writing ---- */

struct writing {
    char *text;
    size_t size;
    size_t length; /* of what was written, also beyond the size */
    const char *unit;
};

static void put(struct writing *writing, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void put(struct writing *writing, const char *format, ...)
{
    va_list arguments;
    size_t room = writing->length < writing->size ? writing->size - writing->length : 0;
    va_start(arguments, format);
    int length = vsnprintf(room ? writing->text + writing->length : NULL, room, format, arguments);
    va_end(arguments);
    sim_assert(length >= 0);
    writing->length += (size_t)length;
}

static void put_two(struct writing *writing, const char *name, double first, double second)
{
    put(writing, "%s(%.6g%s, %.6g)", name, first, writing->unit, second);
}

static bool put_distribution(struct writing *writing, const struct sim_distribution *distribution);

static bool put_mixture(struct writing *writing, const struct sim_distribution *distribution)
{
    size_t count = distribution->of.mixture.alias.count;
    bool is_text = count <= FORMULA_ARGUMENT_MAX;
    put(writing, "mixture(");
    for (size_t i = 0; i < count && is_text; i++) {
        put(writing, "%s%.12g: ", i ? ", " : "", distribution->of.mixture.shares[i]);
        is_text = put_distribution(writing, &distribution->of.mixture.parts[i]);
    }
    put(writing, ")");
    return is_text;
}

static bool put_distribution(struct writing *writing, const struct sim_distribution *distribution)
{
    const struct sim_distribution *d = distribution;
    double mean = d->kind == SIM_DISTRIBUTION_NONE ? 0 : sim_distribution_mean(d);
    double cv = d->kind == SIM_DISTRIBUTION_NONE || mean <= 0 ? 0 : sqrt(sim_distribution_variance(d)) / mean;
    switch (d->kind) {
    case SIM_DISTRIBUTION_FIXED:
        put(writing, "fixed(%.6g%s)", d->of.fixed.value, writing->unit);
        return true;
    case SIM_DISTRIBUTION_EXPONENTIAL:
        put(writing, "exponential(%.6g%s)", mean, writing->unit);
        return true;
    case SIM_DISTRIBUTION_UNIFORM:
        put(writing, "uniform(%.6g%s, %.6g%s)", d->of.uniform.low, writing->unit,
            d->of.uniform.low + d->of.uniform.width, writing->unit);
        return true;
    case SIM_DISTRIBUTION_LOGNORMAL:
        if (cv <= 100)
            put_two(writing, "lognormal", mean, cv);
        else /* beyond what its first form may have */
            put(writing, "lognormal(median=%.6g%s, sigma=%.6g)", sim_exp(d->of.lognormal.mu), writing->unit,
                d->of.lognormal.sigma);
        return true;
    case SIM_DISTRIBUTION_GAMMA:
        put_two(writing, "gamma", mean, cv);
        return true;
    case SIM_DISTRIBUTION_WEIBULL:
        put_two(writing, "weibull", mean, cv);
        return true;
    case SIM_DISTRIBUTION_NORMAL: /* named by what it is before it is cut off */
        put_two(writing, "normal", d->of.normal.mean, d->of.normal.deviation / d->of.normal.mean);
        return true;
    case SIM_DISTRIBUTION_MIXTURE:
        return put_mixture(writing, d);
    case SIM_DISTRIBUTION_NONE:
    case SIM_DISTRIBUTION_EMPIRICAL:
        break;
    }
    return false;
}

bool distribution_text_write(const struct sim_distribution *distribution, const char *unit, char *text, size_t size)
{
    struct writing writing = {.text = text, .size = size, .unit = ""};
    if (strcmp(unit, "s") == 0)
        writing.unit = " s";
    else if (strcmp(unit, "token") == 0)
        writing.unit = " tokens";
    bool is_written = put_distribution(&writing, distribution) && writing.length < size;
    if (!is_written && size > 0)
        text[0] = '\0';
    return is_written;
}
