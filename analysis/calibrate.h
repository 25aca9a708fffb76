/* calibrate.h - from tables of measurements to a profile that says how well it fits.
 *
 * Each kind of fit is a file calibrate_<what>.c that ends in one struct calibrate_method; calibrate.c has the list. The
 * methods that apply to a measurements file run in the order of the list, each adding what it finds to one struct
 * calibration: keys of the profile, parameters with intervals, errors by row, warnings. Nobody but the method decides
 * what is fitted; calibrate_report.c prints, scenarios/profile_write.c writes.
 *
 * Relative errors are ours / theirs - 1. What is not known is NaN (numbers) or "" (texts), never a null pointer. Texts
 * and items belong to the calibration.
 */
#ifndef ANALYSIS_CALIBRATE_H
#define ANALYSIS_CALIBRATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scenarios/measurements.h"
#include "sim/error.h"
#include "sim/state.h"

struct calibrate_options {
    uint64_t seed; /* of all chance in the fit */
    unsigned jobs; /* threads; 0: as many as there are processors; the result does not depend on it */
    const volatile bool *stop;
};

struct calibration_parameter {
    const char *name; /* key of the profile where it is one, as "base_time" */
    const char *unit; /* "s", "ratio", "" for counts */
    double value;
    double low; /* 95 % interval */
    double high;
    bool is_at_bound; /* the search ended at the edge of what it may try */
    const char *note; /* what a reader has to know: "by scan of 8 to 16" */
};

/* One figure of one row. */
struct calibration_error {
    const char *data;   /* name of the table */
    const char *row;    /* measurements_row_name */
    const char *metric; /* name of the measure, or of a figure made from several rows, as "latency_mean" */
    const char *unit;
    double theirs;
    double ours;
    double relative;
    double sampling;     /* relative standard error of theirs for chance alone */
    bool is_held_out;    /* the fit has not seen it */
    const char *variant; /* "": the fit itself; else another assumption, which accepted errors leave out */
    const struct measurement_row *source; /* NULL: no single row */
};

/* A load over which the measurements reach, as clients 1 to 10. */
struct calibration_range {
    const char *name;
    const char *unit;
    double low;
    double high;
};

/* A row that no fit can follow, and why. */
struct calibration_anomaly {
    const char *data;
    const char *row;
    const char *reason;
    bool is_left_out; /* of the fit */
    const struct measurement_row *source;
};

/* One of several fits that the data cannot tell apart, or a choice that was rejected. */
struct calibration_reading {
    const char *name; /* of the profile, as "tts-l40s-4x12" */
    const char *text; /* what it assumes: "4 containers of 12 slots" */
    double fitted;    /* RMS of the relative errors */
    double held_out;
    bool is_chosen;
    bool is_plausible;            /* cannot be told from the chosen one: becomes a file of the profile's `readings` */
    int64_t containers;           /* that served */
    struct sim_distribution work; /* spread of the requests' work that goes with it */
    struct profile_config profile;
    struct sim_array parameters; /* struct calibration_parameter */
};

/* What was measured over time, and what the fitted model has at the same times. */
struct calibration_series {
    const char *data;
    const char *name; /* of the measure */
    const char *unit; /* "" or "ratio" */
    size_t count;
    const double *times_s;
    const double *theirs; /* NaN: not measured */
    const double *ours;
};

struct calibration {
    struct sim_arena *arena;
    const struct measurements *measurements;
    const struct calibrate_options *options;
    struct profile_config profile; /* begins as what the file gives */
    struct sim_array parameters;   /* struct calibration_parameter */
    struct sim_array errors;       /* struct calibration_error */
    struct sim_array ranges;       /* struct calibration_range */
    struct sim_array anomalies;    /* struct calibration_anomaly */
    struct sim_array readings;     /* struct calibration_reading; none or several */
    struct sim_array series;       /* struct calibration_series */
    struct sim_array notes;        /* const char *: sentences about how the fit was chosen */
    struct sim_array warnings;     /* const char *: sentences */
};

/* One kind of fit. `applies` looks at the stage and the kinds of tables; `fit` adds to the calibration and may find
 * that the measurements do not allow it: SIM_BAD_INPUT with file and line.
 */
struct calibrate_method {
    const char *name;
    bool (*applies)(const struct measurements *measurements);
    enum sim_status (*fit)(struct calibration *calibration, struct sim_error *error);
};

extern const struct calibrate_method calibrate_sharing;  /* burst, closed and open on processor-sharing */
extern const struct calibrate_method calibrate_dynamic;  /* closed and offline on dynamic-batching */
extern const struct calibrate_method calibrate_steps;    /* `steps` on continuous-batching */
extern const struct calibrate_method calibrate_walls;    /* `offline` on continuous-batching */
extern const struct calibrate_method calibrate_gpus;     /* `gpus` */
extern const struct calibrate_method calibrate_phases;   /* start-up times */
extern const struct calibrate_method calibrate_texts;    /* work, first output and audio by length of text */
extern const struct calibrate_method calibrate_lengths;  /* tokens of a log of requests */
extern const struct calibrate_method calibrate_requests; /* a log with times on continuous-batching */

/* Runs the methods that apply. On SIM_OK *calibration is to be destroyed by the caller, before `measurements`.
 * SIM_BAD_INPUT if none applies; what methods report.
 */
SIM_MUST_USE enum sim_status calibrate_run(const struct measurements *measurements,
                                           const struct calibrate_options *options, struct calibration **calibration,
                                           struct sim_error *error);
void calibrate_destroy(struct calibration *calibration);

/* ---- For methods ---- */

/* A text that the calibration owns. */
const char *calibrate_text(struct calibration *calibration, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Adds a sentence, without a line end. */
void calibrate_warn(struct calibration *calibration, const char *format, ...) __attribute__((format(printf, 2, 3)));
void calibrate_note(struct calibration *calibration, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds a copy; its texts are not copied. Texts that are null pointers become "". */
void calibrate_add_parameter(struct calibration *calibration, const struct calibration_parameter *parameter);
void calibrate_add_range(struct calibration *calibration, const char *name, const char *unit, double low, double high);
void calibrate_add_anomaly(struct calibration *calibration, const struct measurement_table *table,
                           const struct measurement_row *row, bool is_left_out, const char *reason);

/* Adds the error of one measure of a row; `sampling` NaN where it is not known. */
void calibrate_add_error(struct calibration *calibration, const struct measurement_table *table,
                         const struct measurement_row *row, enum measure measure, double ours, double sampling);

/* The same of a figure that is no measure of one row; relative is worked out here. */
void calibrate_add_figure(struct calibration *calibration, const struct calibration_error *error);

/* ---- For readers ---- */

/* The figure of the relative errors that an accepted error is about, without variants; NaN where there is none. */
double calibrate_figure(const struct calibration *calibration, const struct measurement_accept *what);

/* RMS over all tables of the fitted, or the held-out rows; NaN where there are none. */
double calibrate_rms(const struct calibration *calibration, bool is_held_out);

#endif
