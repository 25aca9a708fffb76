/* unit.c - the list of units, and their products. */
#include "scenarios/unit.h"

#include <string.h>

struct known_unit {
    const char *name;
    const char *base;
    uint64_t factor;
    int exponent;
    bool is_counted;
};

#define SPAN(name, factor, exponent)       \
    {                                      \
        name, "s", factor, exponent, false \
    }
#define COUNT(name, base)      \
    {                          \
        name, base, 1, 0, true \
    }

static const struct known_unit known_units[] = {
    SPAN("ns", 1, -9),
    SPAN("us", 1, -6),
    SPAN("ms", 1, -3),
    SPAN("s", 1, 0),
    SPAN("second", 1, 0),
    SPAN("seconds", 1, 0),
    SPAN("min", 60, 0),
    SPAN("minute", 60, 0),
    SPAN("minutes", 60, 0),
    SPAN("h", 3600, 0),
    SPAN("hour", 3600, 0),
    SPAN("hours", 3600, 0),
    SPAN("day", 86400, 0),
    SPAN("days", 86400, 0),
    SPAN("week", 604800, 0),
    SPAN("weeks", 604800, 0),
    {"month", "month", 1, 0, false},
    {"months", "month", 1, 0, false},
    {"B", "B", 1, 0, false},
    {"kB", "B", 1, 3, false},
    {"MB", "B", 1, 6, false},
    {"GB", "B", 1, 9, false},
    {"TB", "B", 1, 12, false},
    {"KiB", "B", UINT64_C(1) << 10, 0, false},
    {"MiB", "B", UINT64_C(1) << 20, 0, false},
    {"GiB", "B", UINT64_C(1) << 30, 0, false},
    {"TiB", "B", UINT64_C(1) << 40, 0, false},
    {"USD", "USD", 1, 0, false},
    {"nUSD", "USD", 1, -9, false},
    {"pUSD", "USD", 1, -12, false},
    {"W", "W", 1, 0, false},
    {"kW", "W", 1, 3, false},
    {"FLOP", "FLOP", 1, 0, false},
    {"GFLOP", "FLOP", 1, 9, false},
    {"TFLOP", "FLOP", 1, 12, false},
    {"PFLOP", "FLOP", 1, 15, false},
    {"TOP", "OP", 1, 12, false},
    {"ratio", "ratio", 1, 0, true},
    {"%", "ratio", 1, -2, true},
    COUNT("req", "request"),
    COUNT("request", "request"),
    COUNT("requests", "request"),
    COUNT("token", "token"),
    COUNT("tokens", "token"),
    COUNT("customer", "customer"),
    COUNT("customers", "customer"),
    COUNT("user", "user"),
    COUNT("users", "user"),
    COUNT("client", "client"),
    COUNT("clients", "client"),
    COUNT("session", "session"),
    COUNT("sessions", "session"),
    COUNT("container", "container"),
    COUNT("containers", "container"),
    COUNT("core", "core"),
    COUNT("cores", "core"),
    COUNT("gpu", "gpu"),
    COUNT("gpus", "gpu"),
};

static const struct known_unit *find_unit(const char *name, size_t size)
{
    for (size_t i = 0; i < sizeof known_units / sizeof *known_units; i++)
        if (strlen(known_units[i].name) == size && memcmp(known_units[i].name, name, size) == 0)
            return &known_units[i];
    return NULL;
}

static void set_above(struct unit *unit, const struct known_unit *known)
{
    unit->above = known->base;
    unit->is_above_counted = known->is_counted;
    unit->numerator = known->factor;
    unit->exponent += known->exponent;
}

/* Keeps the bases sorted, so that USD/core/h and USD/h/core compare equal. */
static bool add_below(struct unit *unit, const struct known_unit *known)
{
    if (unit->below_count == UNIT_BELOW_MAX || known->factor > UINT64_MAX / unit->denominator)
        return false;
    size_t at = unit->below_count++;
    for (; at > 0 && strcmp(unit->below[at - 1], known->base) > 0; at--)
        unit->below[at] = unit->below[at - 1];
    unit->below[at] = known->base;
    unit->denominator *= known->factor;
    unit->exponent -= known->exponent;
    return true;
}

bool unit_parse(const char *text, struct unit *unit)
{
    *unit = (struct unit){.numerator = 1, .denominator = 1};
    size_t size = strcspn(text, "/");
    bool is_plain = size == 0 || (size == 1 && text[0] == '1' && text[1] == '/');
    const struct known_unit *known = find_unit(text, size);
    if (!is_plain && !known)
        return false;
    if (known)
        set_above(unit, known);
    for (text += size; *text == '/'; text += size) {
        text++;
        size = strcspn(text, "/");
        known = find_unit(text, size);
        if (!known || !add_below(unit, known))
            return false;
    }
    return true;
}

static bool is_below_equal(const struct unit *left, const struct unit *right)
{
    if (left->below_count != right->below_count)
        return false;
    for (size_t i = 0; i < left->below_count; i++)
        if (strcmp(left->below[i], right->below[i]) != 0)
            return false;
    return true;
}

bool unit_fits(const struct unit *given, const struct unit *wanted)
{
    if (!is_below_equal(given, wanted))
        return false;
    if (given->above && wanted->above)
        return strcmp(given->above, wanted->above) == 0;
    if (given->above)
        return given->is_above_counted && wanted->below_count > 0 && strcmp(given->above, "ratio") != 0;
    return !wanted->above || wanted->is_above_counted;
}
