/* calibrate_sharing_internal.h - fitting processor sharing to what scripts have measured.
 *
 *   calibrate_sharing_model.c   a shape and its parameters become a profile, and a profile becomes errors
 *   calibrate_sharing_choose.c  which shape: slots by scan, form by cross-validation, containers as readings
 *   calibrate_sharing_notes.c   how it was chosen, ranges, odd rows, warnings
 *   calibrate_sharing.c         the method: steps, errors, parameters, readings, the profile
 */
#ifndef ANALYSIS_CALIBRATE_SHARING_INTERNAL_H
#define ANALYSIS_CALIBRATE_SHARING_INTERNAL_H

#include "analysis/calibrate.h"
#include "analysis/experiment.h"

enum {
    SHARING_NODES_MAX = 12,
    SHARING_PARAMETERS_MAX = 2 * SHARING_NODES_MAX + 1,
    SHARING_ALL = -1 /* leaves no row out */
};

/* What is decided before a search: everything that is no real number. */
struct calibrate_sharing_shape {
    int32_t form;  /* MEASUREMENT_FORM_LINE, _KNEE or _CURVE */
    int64_t slots; /* 0: no limit */
    int64_t containers;
    int64_t nodes[SHARING_NODES_MAX]; /* knee and curve: requests in progress at which a time is fitted */
    size_t node_count;
    int32_t rule; /* of percentiles, where the file does not know it */
};

struct calibrate_sharing_point {
    const struct measurement_table *table;
    const struct measurement_row *row;
    struct experiment_script script;
    size_t residual; /* of the first of its fitted measures, among those of all points */
    size_t residual_count;
};

struct calibrate_sharing_data {
    struct calibration *calibration;
    struct calibrate_sharing_point *points;
    size_t point_count;
    size_t residual_count; /* of all points, held out or not */
    bool has_burst;        /* or an open load: requests that come and go, so that slots show */
    bool fits_spread;      /* the spread of the work is not known */
    bool fits_first;       /* when the first output comes was measured, and is not known */
    bool has_first;
    struct sim_distribution work; /* where it is known */
    double load_max;              /* most requests that were sent at once, or clients */
    double scale_s;               /* largest typical latency */
    double overhead_s;            /* mean of the fixed stages */
};

struct calibrate_sharing_fit {
    struct calibrate_sharing_shape shape;
    double values[SHARING_PARAMETERS_MAX];
    double low[SHARING_PARAMETERS_MAX]; /* 95 % intervals, once calibrate_sharing_spread was asked */
    double high[SHARING_PARAMETERS_MAX];
    bool is_at_bound[SHARING_PARAMETERS_MAX];
    size_t count;
    size_t residual_count;
    double rms;    /* of the fitted rows */
    double misfit; /* sum of squares in units of what chance leaves, to be compared with rank */
    size_t rank;
    double cross_square; /* mean square error of loads that were left out one after another; NaN: not asked */
    double cross_error;  /* standard error of that */
};

/* Measures of a row that a fit looks at: all but those that follow from others. */
bool calibrate_sharing_is_fitted(const struct calibrate_sharing_point *point, enum measure measure);

/* Whether a point is of the load of another one, which may be SHARING_ALL: no load. */
bool calibrate_sharing_is_same_load(const struct calibrate_sharing_data *data, size_t point, long other);

void calibrate_sharing_gather(struct calibrate_sharing_data *data, struct calibration *calibration);
void calibrate_sharing_forget(struct calibrate_sharing_data *data);

size_t calibrate_sharing_parameters(const struct calibrate_sharing_data *data,
                                    const struct calibrate_sharing_shape *shape);

/* Parameters that are times, and the shares of the first output behind those and the spread: by node of a measured
 * curve, else one.
 */
size_t calibrate_sharing_times(const struct calibrate_sharing_shape *shape);
size_t calibrate_sharing_shares(const struct calibrate_sharing_data *data, const struct calibrate_sharing_shape *shape);

/* Room for the curves of a profile. */
struct calibrate_sharing_curves {
    struct curve_point times[SHARING_NODES_MAX];
    struct share_point shares[SHARING_NODES_MAX];
};

/* The profile of a shape with these values; its curves lie in `curves`. */
struct experiment_service calibrate_sharing_service(const struct calibrate_sharing_data *data,
                                                    const struct calibrate_sharing_shape *shape, const double *values,
                                                    struct profile_config *profile,
                                                    struct calibrate_sharing_curves *curves);

/* What the script of a point sees. `effort` times the usual number of measurements. */
SIM_MUST_USE enum sim_status
calibrate_sharing_predict(const struct calibrate_sharing_data *data, const struct calibrate_sharing_shape *shape,
                          const double *values, const struct calibrate_sharing_point *point, double effort,
                          bool keep_each, struct experiment_figures *figures, struct sim_error *error);

/* Searches the parameters of a shape on the rows that are fitted, without those of the load of the point number
 * `left_out`. `near`: a fit to begin from, or NULL.
 */
SIM_MUST_USE enum sim_status calibrate_sharing_search(const struct calibrate_sharing_data *data,
                                                      const struct calibrate_sharing_shape *shape, long left_out,
                                                      const struct calibrate_sharing_fit *near, double effort,
                                                      struct calibrate_sharing_fit *fit, struct sim_error *error);

/* The intervals and the misfit of a fit: from replications of the simulator. */
SIM_MUST_USE enum sim_status calibrate_sharing_spread(const struct calibrate_sharing_data *data,
                                                      struct calibrate_sharing_fit *fit, double effort,
                                                      struct sim_error *error);

/* Every reading that is tried, best slots of each number of containers; the chosen one first. */
struct calibrate_sharing_choice {
    struct sim_array readings; /* struct calibrate_sharing_fit */
    struct sim_array scan;     /* struct calibrate_sharing_fit: all slots that were tried */
    struct sim_array forms;    /* struct calibrate_sharing_fit: the chosen shape in every form, cross-validated */
};

SIM_MUST_USE enum sim_status calibrate_sharing_choose(const struct calibrate_sharing_data *data,
                                                      struct calibrate_sharing_choice *choice, struct sim_error *error);
void calibrate_sharing_choice_release(struct calibrate_sharing_choice *choice);

/* What becomes of a choice. */
struct calibrate_sharing_report {
    struct calibration *calibration;
    const struct calibrate_sharing_data *data;
    const struct calibrate_sharing_choice *choice;
    struct calibrate_sharing_fit *best;
};

/* Adds notes on slots and form, ranges, odd rows and warnings, once the parameters have been added. */
void calibrate_sharing_remark(struct calibrate_sharing_report *report);

#endif
