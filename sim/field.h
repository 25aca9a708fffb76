/* field.h - the description of one member of a struct, written once and used everywhere.
 *
 * A table of fields tells the scenario loader which keys there are, `explain` and the schema what they mean, and
 * the trace which columns it has. So writer, reader and help cannot disagree.
 */
#ifndef SIM_FIELD_H
#define SIM_FIELD_H

#include <stddef.h>

enum sim_field_type {
    SIM_FIELD_UINT8,        /* uint8_t */
    SIM_FIELD_INT32,        /* int32_t */
    SIM_FIELD_INT64,        /* int64_t */
    SIM_FIELD_DOUBLE,       /* double, in the unit of the field */
    SIM_FIELD_TIME,         /* sim_time_ns, int64_t */
    SIM_FIELD_BOOL,         /* bool */
    SIM_FIELD_CHOICE,       /* int32_t, the index in `choices` */
    SIM_FIELD_CHOICES,      /* int32_t, bit i for the index i in `choices`; scenarios only */
    SIM_FIELD_TEXT,         /* const char *, owned by the configuration; in files a column of fixed width */
    SIM_FIELD_DISTRIBUTION, /* struct sim_distribution in the unit of the field; scenarios only */
    SIM_FIELD_RECORD,       /* a struct in place, described by `table`; scenarios only */
    SIM_FIELD_LIST          /* pointer to items described by `table`, their number at count_offset; scenarios only */
};

struct sim_field_table;

struct sim_field {
    const char *name;
    enum sim_field_type type;
    size_t offset;
    const char *unit; /* "s", "1/s", "USD/h", "GB", "token", "ratio"; "" for counts and names */
    double lowest;    /* allowed range, both ends included; equal ends mean: not limited */
    double highest;
    const char *initial;             /* default in the form of a scenario; NULL: the key is required */
    const char *help;                /* one line */
    const char *const *choices;      /* SIM_FIELD_CHOICE and SIM_FIELD_CHOICES: names, ended by NULL; SIM_FIELD_TIME:
                                      * words in place of a time, which become -1, -2, ..; NULL: none */
    const char *const *choice_helps; /* a line for each of them; NULL: their names say it */
    const struct sim_field_table *table;
    size_t count_offset; /* SIM_FIELD_LIST: place of the size_t that counts the items */
    const char *bare;    /* SIM_FIELD_LIST: the member that an item without keys gives; NULL: items need keys */
};

struct sim_field_table {
    const char *name; /* what one item is called */
    const struct sim_field *fields;
    size_t count;
    size_t item_size;
};

#endif
