/* calibrate_texts.c - one request at a time, by the length of its text.
 *
 * A table of texts says four things that have to agree: how long the whole request took, when its first output came,
 * how long the audio is that was made, and the real-time factor, which is the first divided by the third. Fitted are
 *
 *     time to the whole      a straight line in characters
 *     first output           a share of the main stage's work, which is what a profile has; and a straight line in
 *                            characters, to see whether it is one
 *     audio                  seconds per character, without the row that is far from the others
 *     work                   of each text, with one request alone in the profile's main stage
 *
 * Errors are relative, so that short texts count as much as long ones. Rows that contradict themselves or the others
 * are named.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/calibrate.h"
#include "analysis/fit_curve.h"
#include "sim/memory.h"

#define FAR_OFF 0.10    /* relative error of a straight line from which it is said that there is none */
#define CONTRADICTS 0.1 /* relative difference of figures of one row that should be equal */
#define ODD_FACTOR 1.5  /* between the highest and the lowest audio per character from which a row is odd */

struct text_row {
    const struct measurement_table *table;
    const struct measurement_row *row;
    const char *name;
};

struct texts {
    struct calibration *calibration;
    struct text_row *rows;
    size_t count;
    double before_s; /* fixed stages of the profile */
    double after_s;
};

static double value_of(const struct text_row *text, enum measure measure)
{
    return text->row->values[measure];
}

static const char *name_of(struct calibration *calibration, const struct measurement_table *table,
                           const struct measurement_row *row)
{
    char name[160];
    measurements_row_name(table, row, name, sizeof name);
    return row->label[0] ? row->label : calibrate_text(calibration, "%s", name);
}

static void list_rows(struct texts *texts)
{
    const struct measurements *measurements = texts->calibration->measurements;
    size_t room = 0;
    for (size_t t = 0; t < measurements->table_count; t++)
        room += measurements->tables[t].row_count;
    texts->rows = sim_arena_allocate(texts->calibration->arena, room, sizeof *texts->rows);
    for (size_t t = 0; t < measurements->table_count; t++) {
        const struct measurement_table *table = &measurements->tables[t];
        for (size_t r = 0; r < table->row_count && table->kind == MEASUREMENT_TEXTS; r++) {
            const struct measurement_row *row = &table->rows[r];
            texts->rows[texts->count++] = (struct text_row){table, row, name_of(texts->calibration, table, row)};
        }
    }
}

static double sum_of(const struct stage_config *stages, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += sim_distribution_mean(&stages[i].time_s);
    return sum;
}

/* ---- Straight lines in characters ---- */

static size_t points_of(const struct texts *texts, enum measure measure, struct fit_curve_point *points)
{
    size_t count = 0;
    for (size_t i = 0; i < texts->count; i++) {
        double x = value_of(&texts->rows[i], MEASURE_CHARACTERS), y = value_of(&texts->rows[i], measure);
        if (!texts->rows[i].row->is_held_out && !isnan(x) && !isnan(y))
            points[count++] = (struct fit_curve_point){.x = x, .y = y, .weight = 1 / (y * y), .error = NAN};
    }
    return count;
}

static void add_value(struct calibration *calibration, const char *name, const char *unit, struct fit_curve_value value,
                      const char *note)
{
    const struct calibration_parameter parameter = {
        .name = name, .unit = unit, .value = value.value, .low = value.low, .high = value.high, .note = note};
    calibrate_add_parameter(calibration, &parameter);
}

/* An error of one row, of the fit or of another assumption. */
static void add_error(struct texts *texts, const struct text_row *text, enum measure measure, double ours,
                      const char *variant)
{
    const struct sim_field *field = measurements_field(measure);
    const struct calibration_error error = {.data = text->table->name,
                                            .row = text->name,
                                            .metric = field->name,
                                            .unit = field->unit,
                                            .theirs = value_of(text, measure),
                                            .ours = ours,
                                            .sampling = NAN,
                                            .is_held_out = text->row->is_held_out,
                                            .variant = variant,
                                            .source = text->row};
    calibrate_add_figure(texts->calibration, &error);
}

/* "4.95 ms per character from 20 to 150, 0.97 from 150 to 500": how the slope changes between neighbours. */
static const char *slopes_of(struct calibration *calibration, const struct fit_curve_point *points, size_t count)
{
    const char *text = "";
    for (size_t i = 1; i < count; i++)
        text = calibrate_text(calibration, "%s%s%.3g ms from %g to %g", text, i > 1 ? ", " : "",
                              1000 * (points[i].y - points[i - 1].y) / (points[i].x - points[i - 1].x), points[i - 1].x,
                              points[i].x);
    return text;
}

static void fit_line(struct texts *texts, enum measure measure, const char *what, const char *name, const char *variant)
{
    struct calibration *calibration = texts->calibration;
    struct fit_curve_point *points = sim_arena_allocate(calibration->arena, texts->count, sizeof *points);
    size_t count = fit_curve_pool(points, points_of(texts, measure, points));
    struct fit_curve *line = count >= 2 ? fit_curve_create(points, count, FIT_CURVE_LINE) : NULL;
    double worst = 0;
    if (!line)
        return;
    add_value(calibration, calibrate_text(calibration, "%s", name), "s", line->intercept, "at 0 characters");
    add_value(calibration, calibrate_text(calibration, "%s_per_character", name), "s", line->slope, NULL);
    for (size_t i = 0; i < texts->count; i++) {
        double x = value_of(&texts->rows[i], MEASURE_CHARACTERS), y = value_of(&texts->rows[i], measure);
        if (isnan(x) || isnan(y))
            continue;
        double ours = fit_curve_at(line, x);
        add_error(texts, &texts->rows[i], measure, ours, variant);
        worst = fmax(worst, fabs(ours / y - 1));
    }
    if (worst > FAR_OFF)
        calibrate_warn(calibration, "%s is no straight line in characters (up to %.0f %% off): a character takes %s",
                       what, 100 * worst, slopes_of(calibration, points, count));
    fit_curve_destroy(line);
}

/* ---- Audio ---- */

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static double audio_per_character(const struct text_row *text)
{
    return value_of(text, MEASURE_AUDIO) / value_of(text, MEASURE_CHARACTERS);
}

/* The row whose audio per character is farthest from the median by factor; NULL if they agree or are too few to say. */
static const struct text_row *odd_row(const struct texts *texts)
{
    double *ratios = sim_allocate(texts->count + 1, sizeof *ratios);
    size_t count = 0;
    for (size_t i = 0; i < texts->count; i++)
        if (!isnan(audio_per_character(&texts->rows[i])))
            ratios[count++] = audio_per_character(&texts->rows[i]);
    qsort(ratios, count, sizeof *ratios, compare);
    bool is_apart = count >= 3 && ratios[count - 1] > ODD_FACTOR * ratios[0];
    double median = count > 0 ? (ratios[(count - 1) / 2] + ratios[count / 2]) / 2 : NAN;
    free(ratios);
    const struct text_row *odd = NULL;
    double farthest = 0;
    for (size_t i = 0; i < texts->count && is_apart; i++) {
        double away = fabs(log(audio_per_character(&texts->rows[i]) / median));
        if (away > farthest) {
            farthest = away;
            odd = &texts->rows[i];
        }
    }
    return odd;
}

/* What the real-time factor would make of the audio, as half a sentence. */
static const char *implied_audio(struct calibration *calibration, const struct text_row *text)
{
    double implied = value_of(text, MEASURE_TIME) / value_of(text, MEASURE_RTF);
    if (isnan(implied))
        return "";
    return calibrate_text(calibration, "; its real-time factor would make it %.3g s, %.3g per character", implied,
                          implied / value_of(text, MEASURE_CHARACTERS));
}

/* Least squares of relative errors of y = c x: c = sum(x / y) / sum((x / y)^2). */
static void fit_audio(struct texts *texts)
{
    struct calibration *calibration = texts->calibration;
    const struct text_row *odd = odd_row(texts);
    double first = 0, second = 0;
    for (size_t i = 0; i < texts->count; i++) {
        double inverse = 1 / audio_per_character(&texts->rows[i]);
        if (&texts->rows[i] == odd || texts->rows[i].row->is_held_out || isnan(inverse))
            continue;
        first += inverse;
        second += inverse * inverse;
    }
    if (second == 0)
        return;
    double ratio = first / second;
    add_value(calibration, "audio_per_character", "s", (struct fit_curve_value){ratio, NAN, NAN}, NULL);
    for (size_t i = 0; i < texts->count; i++)
        if (!isnan(audio_per_character(&texts->rows[i])) && &texts->rows[i] != odd)
            add_error(texts, &texts->rows[i], MEASURE_AUDIO, ratio * value_of(&texts->rows[i], MEASURE_CHARACTERS),
                      NULL);
    if (odd)
        calibrate_add_anomaly(calibration, odd->table, odd->row, true,
                              calibrate_text(calibration,
                                             "%g s of audio are %.3g s per character, the others have about %.3g%s",
                                             value_of(odd, MEASURE_AUDIO), audio_per_character(odd), ratio,
                                             implied_audio(calibration, odd)));
}

/* A real-time factor that is not time / audio. */
static void check_factor(struct texts *texts, const struct text_row *text)
{
    double audio = value_of(text, MEASURE_AUDIO), given = value_of(text, MEASURE_RTF);
    double whole = value_of(text, MEASURE_TIME) / audio, first = value_of(text, MEASURE_FIRST_MEAN) / audio;
    if (isnan(whole) || isnan(given) || fabs(given / whole - 1) <= CONTRADICTS)
        return;
    const char *other = "";
    if (fabs(given / first - 1) < fabs(given / whole - 1))
        other = calibrate_text(texts->calibration, "; it is nearer to first output / audio, %.3g", first);
    calibrate_add_anomaly(texts->calibration, text->table, text->row, false,
                          calibrate_text(texts->calibration, "the real-time factor %.3g is not time / audio, %.3g%s",
                                         given, whole, other));
}

/* ---- Work and first output ---- */

static bool has_work(const struct profile_config *profile)
{
    return profile->stage == STAGE_PROCESSOR_SHARING || profile->stage == STAGE_INDEPENDENT;
}

/* What one unit of work takes alone; 0: not known. */
static double unit_time(const struct profile_config *profile)
{
    if (profile->stage == STAGE_INDEPENDENT)
        return profile->service_s.kind == SIM_DISTRIBUTION_NONE ? 0 : sim_distribution_mean(&profile->service_s);
    return profile->curve_count > 0 ? profile->curve[0].time_s : profile->base_s + profile->per_running_s;
}

static double main_time(const struct texts *texts, const struct text_row *text)
{
    return value_of(text, MEASURE_TIME) - texts->before_s - texts->after_s;
}

static enum sim_status check_times(const struct texts *texts, struct sim_error *error)
{
    for (size_t i = 0; i < texts->count; i++)
        if (main_time(texts, &texts->rows[i]) <= 0)
            return sim_error_set(error, SIM_BAD_INPUT, texts->rows[i].row->file, texts->rows[i].row->line,
                                 "%g s is not longer than the fixed stages of the profile, %g s",
                                 value_of(&texts->rows[i], MEASURE_TIME), texts->before_s + texts->after_s);
    return SIM_OK;
}

/* Without a profile that says how long a unit of work takes, it is that of the first text. */
static enum sim_status make_unit(struct texts *texts, const struct text_row *text, struct sim_error *error)
{
    struct calibration *calibration = texts->calibration;
    struct profile_config *profile = &calibration->profile;
    calibrate_warn(calibration,
                   "the profile does not say how long a unit of work takes: it is that of '%s', one request at a time, "
                   "and says nothing of several",
                   text->name);
    profile->calibrated_running = 1;
    if (profile->stage == STAGE_INDEPENDENT)
        return sim_distribution_fixed(&profile->service_s, main_time(texts, text), error);
    profile->base_s = main_time(texts, text);
    return SIM_OK;
}

static enum sim_status find_work(struct texts *texts, struct sim_error *error)
{
    struct calibration *calibration = texts->calibration;
    const struct text_row *first = NULL;
    for (size_t i = 0; i < texts->count && !first; i++)
        if (!isnan(main_time(texts, &texts->rows[i])))
            first = &texts->rows[i];
    if (!first)
        return SIM_OK;
    enum sim_status status = unit_time(&calibration->profile) > 0 ? SIM_OK : make_unit(texts, first, error);
    double unit = unit_time(&calibration->profile);
    for (size_t i = 0; i < texts->count && status == SIM_OK; i++)
        if (!isnan(main_time(texts, &texts->rows[i])))
            add_value(calibration, calibrate_text(calibration, "work %s", texts->rows[i].name), "",
                      (struct fit_curve_value){main_time(texts, &texts->rows[i]) / unit, NAN, NAN}, "of a class");
    return status;
}

/* The first output leaves after a share of the main stage: least squares of relative errors. */
static void find_first_output(struct texts *texts)
{
    struct calibration *calibration = texts->calibration;
    double first = 0, second = 0;
    for (size_t i = 0; i < texts->count; i++) {
        double theirs = value_of(&texts->rows[i], MEASURE_FIRST_MEAN), span = main_time(texts, &texts->rows[i]);
        if (texts->rows[i].row->is_held_out || isnan(theirs) || isnan(span))
            continue;
        first += span * (theirs - texts->before_s) / (theirs * theirs);
        second += span * span / (theirs * theirs);
    }
    if (second == 0)
        return;
    double share = measurements_knows(calibration->measurements, "first_output") ? calibration->profile.first_output
                                                                                 : fmin(fmax(first / second, 0), 1);
    if (share != calibration->profile.first_output)
        add_value(calibration, "first_output", "ratio", (struct fit_curve_value){share, NAN, NAN},
                  "share of the main stage after which the first output leaves");
    calibration->profile.first_output = share;
    for (size_t i = 0; i < texts->count; i++)
        if (!isnan(value_of(&texts->rows[i], MEASURE_FIRST_MEAN)) && !isnan(main_time(texts, &texts->rows[i])))
            add_error(texts, &texts->rows[i], MEASURE_FIRST_MEAN,
                      texts->before_s + share * main_time(texts, &texts->rows[i]), NULL);
}

static void add_range(struct texts *texts)
{
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < texts->count; i++)
        if (!isnan(value_of(&texts->rows[i], MEASURE_CHARACTERS))) {
            low = fmin(low, value_of(&texts->rows[i], MEASURE_CHARACTERS));
            high = fmax(high, value_of(&texts->rows[i], MEASURE_CHARACTERS));
        }
    if (low <= high)
        calibrate_add_range(texts->calibration, "characters", "", low, high);
}

static enum sim_status fit(struct calibration *calibration, struct sim_error *error)
{
    struct profile_config *profile = &calibration->profile;
    struct texts texts = {.calibration = calibration,
                          .before_s = sum_of(profile->before, profile->before_count),
                          .after_s = sum_of(profile->after, profile->after_count)};
    list_rows(&texts);
    add_range(&texts);
    enum sim_status status = has_work(profile) ? check_times(&texts, error) : SIM_OK;
    if (status != SIM_OK)
        return status;
    fit_line(&texts, MEASURE_TIME, "the time of a request", "text_time", NULL);
    fit_line(&texts, MEASURE_FIRST_MEAN, "the time to the first output", "text_first_output",
             has_work(profile) ? "straight line in characters" : NULL);
    fit_audio(&texts);
    for (size_t i = 0; i < texts.count; i++)
        check_factor(&texts, &texts.rows[i]);
    if (!has_work(profile))
        return SIM_OK;
    status = find_work(&texts, error);
    find_first_output(&texts);
    return status;
}

static bool applies(const struct measurements *measurements)
{
    return measurements_find(measurements, MEASUREMENT_TEXTS) != NULL;
}

const struct calibrate_method calibrate_texts = {.name = "lengths of texts", .applies = applies, .fit = fit};
