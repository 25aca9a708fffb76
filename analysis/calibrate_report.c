/* calibrate_report.c - a calibration as lines of text. */
#include "analysis/calibrate_report.h"

#include <math.h>
#include <string.h>

#include "analysis/calibrate_series.h"
#include "analysis/format.h"
#include "analysis/style.h"
#include "sim/csv.h"

enum {
    NAME_WIDTH = 26,
    VALUE_WIDTH = 12
};

struct page {
    const struct calibration *calibration;
    struct style style;
    FILE *out;
};

/* A value as people write it; the size of `like` decides between seconds and milliseconds. */
static struct format_text figure_like(double value, const char *unit, double like)
{
    struct format_text text;
    if (isnan(value))
        return format_figure(value, unit, -1);
    if (strcmp(unit, "s") == 0 && fabs(like) < 1 && like != 0)
        snprintf(text.text, sizeof text.text, "%.4g ms", value * 1e3);
    else if (unit[0] == '\0' || strcmp(unit, "ratio") == 0)
        snprintf(text.text, sizeof text.text, "%.4g", value);
    else
        snprintf(text.text, sizeof text.text, "%.4g %s", value, strcmp(unit, "1/s") == 0 ? "/s" : unit);
    return text;
}

static struct format_text figure(double value, const char *unit)
{
    return figure_like(value, unit, value);
}

static void title(const struct page *page, const char *text)
{
    fprintf(page->out, "\n%s%s%s\n", page->style.bold, text, page->style.plain);
}

static void print_texts(const struct page *page, const char *heading, const struct sim_array *texts)
{
    const char *const *items = texts->items;
    if (texts->count > 0)
        title(page, heading);
    for (size_t i = 0; i < texts->count; i++)
        fprintf(page->out, "  %s\n", items[i]);
}

static void count_rows(const struct calibration *calibration, size_t *fitted, size_t *held_out)
{
    const struct measurements *measurements = calibration->measurements;
    const struct calibration_anomaly *anomalies = calibration->anomalies.items;
    *fitted = *held_out = 0;
    for (size_t i = 0; i < measurements->table_count; i++)
        for (size_t r = 0; r < measurements->tables[i].row_count; r++)
            ++*(measurements->tables[i].rows[r].is_held_out ? held_out : fitted);
    for (size_t i = 0; i < calibration->anomalies.count; i++)
        *fitted -= anomalies[i].is_left_out && anomalies[i].source && !anomalies[i].source->is_held_out;
}

static void print_head(const struct page *page)
{
    const struct measurements *measurements = page->calibration->measurements;
    size_t fitted;
    size_t held_out;
    count_rows(page->calibration, &fitted, &held_out);
    fprintf(page->out, "%s%s%s: %zu row%s fitted, %zu held out\n", page->style.bold, measurements->name,
            page->style.plain, fitted, fitted == 1 ? "" : "s", held_out);
    fprintf(page->out, "  source: %s\n  measured: %s\n", measurements->source,
            measurements->date[0] ? measurements->date : "date not known");
}

static void print_parameters(const struct page *page)
{
    const struct calibration_parameter *parameters = page->calibration->parameters.items;
    if (page->calibration->parameters.count == 0)
        return;
    fprintf(page->out, "\n%s%-*s%*s%s   95 %% interval\n", page->style.bold, NAME_WIDTH, "Parameters", VALUE_WIDTH, "",
            page->style.plain);
    for (size_t i = 0; i < page->calibration->parameters.count; i++) {
        const struct calibration_parameter *one = &parameters[i];
        char interval[110] = "-";
        if (!isnan(one->low) && !isnan(one->high))
            snprintf(interval, sizeof interval, "%s .. %s", figure_like(one->low, one->unit, one->value).text,
                     figure_like(one->high, one->unit, one->value).text);
        fprintf(page->out, "  %-*s%*s   %-26s %s%s%s\n", NAME_WIDTH - 2, one->name, VALUE_WIDTH,
                figure(one->value, one->unit).text, interval, one->is_at_bound ? "at its bound" : "",
                one->is_at_bound && one->note[0] ? "; " : "", one->note);
    }
}

/* Width of the names of rows. */
static int row_width(const struct calibration *calibration)
{
    const struct calibration_error *errors = calibration->errors.items;
    size_t width = 18;
    for (size_t i = 0; i < calibration->errors.count; i++)
        if (strlen(errors[i].row) > width)
            width = strlen(errors[i].row);
    return (int)width;
}

static void print_error(const struct page *page, const struct calibration_error *error, int width)
{
    char chance[24] = "-";
    if (!isnan(error->sampling))
        snprintf(chance, sizeof chance, "%.1f %%", 100 * error->sampling);
    fprintf(page->out, "  %-*s %-14s %10s %10s %+8.1f %% %8s  %s\n", width, error->row, error->metric,
            figure(error->theirs, error->unit).text, figure_like(error->ours, error->unit, error->theirs).text,
            100 * error->relative, chance, error->is_held_out ? "held out" : "");
}

/* Logs have a row a request: then only figures of many of them are errors. */
static void print_errors(const struct page *page)
{
    const struct calibration_error *errors = page->calibration->errors.items;
    const char *data = "";
    int width = row_width(page->calibration);
    for (size_t i = 0; i < page->calibration->errors.count; i++) {
        if (errors[i].variant[0])
            continue;
        if (strcmp(errors[i].data, data) != 0)
            fprintf(page->out, "\n%s%-*s%s %10s %10s %10s %8s\n", page->style.bold, width + 16, errors[i].data,
                    page->style.plain, "theirs", "ours", "error", "chance");
        data = errors[i].data;
        print_error(page, &errors[i], width);
    }
}

static void print_rms(const struct page *page)
{
    double fitted = calibrate_rms(page->calibration, false);
    double held_out = calibrate_rms(page->calibration, true);
    if (isnan(fitted) && isnan(held_out))
        return;
    fprintf(page->out, "\n  RMS of the errors: %s fitted, %s held out\n", format_figure(fitted, "ratio", 1).text,
            format_figure(held_out, "ratio", 1).text);
}

static void print_reading(const struct page *page, const struct calibration_reading *reading)
{
    const struct calibration_parameter *parameters = reading->parameters.items;
    fprintf(page->out, "  %-38s %7s %9s  %s\n", reading->text, format_figure(reading->fitted, "ratio", 1).text,
            format_figure(reading->held_out, "ratio", 1).text,
            reading->is_chosen      ? "chosen"
            : reading->is_plausible ? "cannot be told from it"
                                    : "rejected");
    for (size_t i = 0; i < reading->parameters.count; i++)
        fprintf(page->out, "%s%s %s", i == 0 ? "    " : ", ", parameters[i].name,
                figure(parameters[i].value, parameters[i].unit).text);
    fputs(reading->parameters.count > 0 ? "\n" : "", page->out);
}

static void print_readings(const struct page *page)
{
    const struct calibration_reading *readings = page->calibration->readings.items;
    if (page->calibration->readings.count > 0)
        title(page, "Readings, RMS error                         fitted  held out");
    for (size_t i = 0; i < page->calibration->readings.count; i++)
        print_reading(page, &readings[i]);
}

static void print_anomalies(const struct page *page)
{
    const struct calibration_anomaly *anomalies = page->calibration->anomalies.items;
    if (page->calibration->anomalies.count > 0)
        title(page, "Odd rows");
    for (size_t i = 0; i < page->calibration->anomalies.count; i++)
        fprintf(page->out, "  %s, %s: %s%s\n", anomalies[i].data, anomalies[i].row, anomalies[i].reason,
                anomalies[i].is_left_out ? "; left out" : "");
}

/* ---- What was asked ---- */

static const char *rows_text(int32_t rows)
{
    return rows == ACCEPT_FITTED ? "fitted rows" : rows == ACCEPT_HELD_OUT ? "held-out rows" : "all rows";
}

static const char *figure_text(int32_t figure_kind)
{
    return figure_kind == ACCEPT_RMS      ? "RMS"
           : figure_kind == ACCEPT_WORST  ? "worst"
           : figure_kind == ACCEPT_MEDIAN ? "median"
                                          : "mean";
}

static bool is_reached(const struct calibration *calibration, const struct measurement_accept *accept)
{
    return calibrate_figure(calibration, accept) <= accept->at_most;
}

static void describe_accept(const struct measurement_accept *accept, char *text, size_t size)
{
    snprintf(text, size, "%s, %s%s%s%s%s: %s", accept->data, rows_text(accept->rows), accept->load[0] ? " " : "",
             accept->load, accept->metric[0] ? ", " : "", accept->metric, figure_text(accept->figure));
}

static void print_accepts(const struct page *page)
{
    const struct measurements *measurements = page->calibration->measurements;
    if (measurements->accept_count > 0)
        title(page, "Asked for");
    for (size_t i = 0; i < measurements->accept_count; i++) {
        const struct measurement_accept *accept = &measurements->accepts[i];
        bool has_reached = is_reached(page->calibration, accept);
        char text[300];
        describe_accept(accept, text, sizeof text);
        fprintf(page->out, "  %s%-8s%s%s at most %s, is %s\n", has_reached ? page->style.green : page->style.red,
                has_reached ? "reached" : "missed", page->style.plain, text,
                format_figure(accept->at_most, "ratio", 1).text,
                format_figure(calibrate_figure(page->calibration, accept), "ratio", 1).text);
    }
}

bool calibrate_report_is_missed(const struct calibration *calibration)
{
    const struct measurements *measurements = calibration->measurements;
    for (size_t i = 0; i < measurements->accept_count; i++)
        if (!is_reached(calibration, &measurements->accepts[i]))
            return true;
    return false;
}

void calibrate_report_csv(const struct calibration *calibration, FILE *out)
{
    const struct measurements *measurements = calibration->measurements;
    fputs("measurements,data,rows,load,metric,figure,at_most,value,verdict\n", out);
    for (size_t i = 0; i < measurements->accept_count; i++) {
        const struct measurement_accept *accept = &measurements->accepts[i];
        const char *const texts[] = {measurements->name, accept->data,   rows_text(accept->rows),
                                     accept->load,       accept->metric, figure_text(accept->figure)};
        for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
            sim_csv_write_text(out, texts[k]);
            fputc(',', out);
        }
        fprintf(out, "%.4g,%.4g,%s\n", accept->at_most, calibrate_figure(calibration, accept),
                is_reached(calibration, accept) ? "reached" : "missed");
    }
}

void calibrate_report_print(const struct calibration *calibration, bool has_color, FILE *out)
{
    const struct page page = {.calibration = calibration, .style = style_of(has_color), .out = out};
    print_head(&page);
    print_parameters(&page);
    print_errors(&page);
    calibrate_series_print(calibration, &page.style, out);
    print_rms(&page);
    print_readings(&page);
    print_anomalies(&page);
    print_texts(&page, "How", &calibration->notes);
    print_texts(&page, "Warnings", &calibration->warnings);
    print_accepts(&page);
}
