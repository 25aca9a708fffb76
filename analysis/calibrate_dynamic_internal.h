/* calibrate_dynamic_internal.h - fitting dynamic batching to closed loops, with or without batches timed alone.
 *
 *   calibrate_dynamic_model.c   parameters become a profile, a profile becomes figures, figures become parameters
 *   calibrate_dynamic.c         the method: what the tables contradict, instances by scan, errors, warnings
 *
 * Two forms. With a table of batches timed alone (`offline`) the time of a batch comes from there, and the closed loops
 * say how much several instances slow each other. Without one, or where it contradicts the closed loops, the time of a
 * batch is a straight line while all instances are busy, and the slowdown is in it.
 */
#ifndef ANALYSIS_CALIBRATE_DYNAMIC_INTERNAL_H
#define ANALYSIS_CALIBRATE_DYNAMIC_INTERNAL_H

#include "analysis/calibrate.h"
#include "analysis/experiment.h"

enum {
    DYNAMIC_POINTS_MAX = 64, /* batches timed alone */
    DYNAMIC_PARAMETERS_MAX = 3,
    DYNAMIC_INSTANCES_MAX = 4 /* that a scan tries */
};

enum calibrate_dynamic_form {
    DYNAMIC_FORM_OFFLINE,
    DYNAMIC_FORM_LINE
};

/* A row of a closed loop. */
struct calibrate_dynamic_row {
    const struct measurement_table *table;
    const struct measurement_row *row;
    struct experiment_script script;
};

struct calibrate_dynamic_data {
    struct calibration *calibration;
    const struct measurement_table *offline; /* NULL: there is none */
    struct calibrate_dynamic_row *rows;      /* of all closed loops */
    size_t row_count;
    size_t fitted_count;
    bool knows_slowdown; /* given in the file */
    bool knows_handover;
    bool knows_spread;
};

struct calibrate_dynamic_shape {
    enum calibrate_dynamic_form form;
    int64_t instances;
};

/* A shape with its parameters: of DYNAMIC_FORM_OFFLINE the slowdown of all instances, if there are several, and the
 * handover, unless they are known; of DYNAMIC_FORM_LINE base_time, per_running, and the spread unless it is known or
 * batches timed alone tell it: how much they vary in proportion is not what contradicts the closed loops.
 */
struct calibrate_dynamic_fit {
    struct calibrate_dynamic_shape shape;
    double values[DYNAMIC_PARAMETERS_MAX];
    double low[DYNAMIC_PARAMETERS_MAX]; /* 95 % intervals for chance alone */
    double high[DYNAMIC_PARAMETERS_MAX];
    bool is_at_bound[DYNAMIC_PARAMETERS_MAX];
    size_t count;
    size_t residual_count;
    double rms;
};

/* A profile with the memory for its lists. */
struct calibrate_dynamic_profile {
    struct profile_config profile;
    struct curve_point curve[DYNAMIC_POINTS_MAX];
    struct slowdown_point slowdown[1];
};

void calibrate_dynamic_gather(struct calibrate_dynamic_data *data, struct calibration *calibration);
void calibrate_dynamic_forget(struct calibrate_dynamic_data *data);

/* Seconds of a request outside the batches: fixed stages, and the wait of whoever comes alone. */
double calibrate_dynamic_outside_s(const struct calibrate_dynamic_data *data);

/* Seconds that a request adds to its batch while its data are copied, from the columns for it in the fitted rows: their
 * time / the mean batch, which is throughput x time in the batch / instances (Little's law). NaN: there are none.
 */
double calibrate_dynamic_handover_s(const struct calibrate_dynamic_data *data, int64_t instances);

/* Coefficient of variation of a batch's time from the 95th percentile and the mean of batches timed alone, taken as
 * lognormal; *low and *high its 95 % interval from the rows. NaN: no row has both.
 */
double calibrate_dynamic_batch_spread(const struct calibrate_dynamic_data *data, double handover_s, double *low,
                                      double *high);

/* What the parameters are called, and their units. */
const char *calibrate_dynamic_name(const struct calibrate_dynamic_data *data,
                                   const struct calibrate_dynamic_shape *shape, size_t parameter, const char **unit);

void calibrate_dynamic_make(const struct calibrate_dynamic_data *data, const struct calibrate_dynamic_fit *fit,
                            struct calibrate_dynamic_profile *made);

/* What the script of a row sees, from `count` measurements. */
SIM_MUST_USE enum sim_status calibrate_dynamic_predict(const struct calibrate_dynamic_data *data,
                                                       const struct calibrate_dynamic_fit *fit,
                                                       const struct calibrate_dynamic_row *row, size_t count,
                                                       bool keep_each, struct experiment_figures *figures,
                                                       struct sim_error *error);

/* Fits the parameters of a shape to the rows that are not held out, with `count` measurements of each, beginning from
 * those of `near` unless that is NULL. SIM_BAD_INPUT if the rows are too few.
 */
SIM_MUST_USE enum sim_status calibrate_dynamic_search(const struct calibrate_dynamic_data *data,
                                                      const struct calibrate_dynamic_shape *shape,
                                                      const struct calibrate_dynamic_fit *near, size_t count,
                                                      struct calibrate_dynamic_fit *fit, struct sim_error *error);

#endif
