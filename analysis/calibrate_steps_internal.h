/* calibrate_steps_internal.h - the rows of step tables, between calibrate_steps_rows.c and calibrate_steps.c. */
#ifndef ANALYSIS_CALIBRATE_STEPS_INTERNAL_H
#define ANALYSIS_CALIBRATE_STEPS_INTERNAL_H

#include "analysis/calibrate.h"
#include "analysis/fit_steps.h"

/* A row of fit_steps.h and where it comes from. */
struct calibrate_steps_group {
    const struct measurement_table *table;
    const struct measurement_row *first;
    double output;
    double count;
    double token_sum, token_squares, prompt_sum, prompt_squares; /* squares about the first value */
};

struct calibrate_steps_data {
    struct calibration *calibration;
    struct sim_array groups; /* struct calibrate_steps_group */
    struct fit_steps_row *rows;
    size_t count;
    bool has_held_out;
    struct fit_steps_known known;
};

static inline const struct calibrate_steps_group *calibrate_steps_group(const struct calibrate_steps_data *data,
                                                                        size_t row)
{
    return (const struct calibrate_steps_group *)data->groups.items + row;
}

/* Fills groups, rows and what is known; rows that are held out are ignored. To be released. */
void calibrate_steps_collect(struct calibrate_steps_data *data, struct calibration *calibration);
void calibrate_steps_release(struct calibrate_steps_data *data);

/* Has rows ignored that cannot be, and names them. */
void calibrate_steps_leave_out(struct calibrate_steps_data *data);

/* Names batches that are lower than the one before by no more than chance explains. */
void calibrate_steps_name_pooled(const struct calibrate_steps_data *data, const struct fit_steps *steps);

#endif
