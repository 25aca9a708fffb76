/* calibrate_page.c - the report in HTML, with a picture of the errors. */
#include "analysis/calibrate_page.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/calibrate_report.h"
#include "analysis/calibrate_series.h"
#include "sim/memory.h"
#include "sim/part_file.h"

enum {
    LABEL_WIDTH = 340, /* pixels */
    PLOT_WIDTH = 480,
    ROW_HEIGHT = 16
};

static void put_text(const char *text, FILE *out)
{
    for (; *text; text++)
        switch (*text) {
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '&':
            fputs("&amp;", out);
            break;
        default:
            fputc(*text, out);
        }
}

static bool is_drawn(const struct calibration_error *error)
{
    return error->variant[0] == '\0' && isfinite(error->relative);
}

/* Half the width of the picture as a relative error: the largest one, 1 % at least. */
static double widest(const struct calibration *calibration)
{
    const struct calibration_error *errors = calibration->errors.items;
    double width = 0.01;
    for (size_t i = 0; i < calibration->errors.count; i++)
        if (is_drawn(&errors[i]))
            width = fmax(width, fabs(errors[i].relative));
    return width;
}

/* One figure: what chance does to theirs as a band around 0, and the error as a dot. */
static void put_error(const struct calibration_error *error, double width, int row, FILE *out)
{
    double middle = LABEL_WIDTH + PLOT_WIDTH / 2.0;
    double scale = 0.47 * PLOT_WIDTH / width;
    int y = row * ROW_HEIGHT + ROW_HEIGHT / 2;
    fprintf(out, "<text x='%d' y='%d' text-anchor='end'>", LABEL_WIDTH - 8, y + 4);
    put_text(error->data, out);
    fputs(", ", out);
    put_text(error->row, out);
    fputs(" ", out);
    put_text(error->metric, out);
    fputs("</text>", out);
    if (isfinite(error->sampling)) {
        double half = fmin(1.96 * error->sampling, width) * scale;
        fprintf(out, "<rect x='%.1f' y='%d' width='%.1f' height='8' fill='#ddd'/>", middle - half, y - 4, 2 * half);
    }
    fprintf(out, "<circle cx='%.1f' cy='%d' r='4' fill='%s'/>", middle + error->relative * scale, y,
            error->is_held_out ? "#c40" : "#06c");
    fprintf(out, "<text x='%d' y='%d'>%+.1f %%</text>\n", LABEL_WIDTH + PLOT_WIDTH + 8, y + 4, 100 * error->relative);
}

static void put_errors(const struct calibration *calibration, FILE *out)
{
    const struct calibration_error *errors = calibration->errors.items;
    double width = widest(calibration);
    int rows = 0;
    for (size_t i = 0; i < calibration->errors.count; i++)
        rows += is_drawn(&errors[i]);
    if (rows == 0)
        return;
    fprintf(out,
            "<h2>Errors</h2>\n<p>Ours against theirs: <b style='color:#06c'>fitted</b>, <b style='color:#c40'>held "
            "out</b>; grey: what chance alone does to theirs, 19 times of 20. The edges are %.1f %% away.</p>\n",
            100 * width / 0.94);
    fprintf(out, "<svg width='%d' height='%d' font-family='sans-serif' font-size='12'>\n",
            LABEL_WIDTH + PLOT_WIDTH + 70, rows * ROW_HEIGHT);
    int middle = LABEL_WIDTH + PLOT_WIDTH / 2;
    fprintf(out, "<line x1='%d' x2='%d' y1='0' y2='%d' stroke='#888'/>\n", middle, middle, rows * ROW_HEIGHT);
    int row = 0;
    for (size_t i = 0; i < calibration->errors.count; i++)
        if (is_drawn(&errors[i]))
            put_error(&errors[i], width, row++, out);
    fputs("</svg>\n", out);
}

static void put_report(const struct calibration *calibration, FILE *out)
{
    char *text = NULL;
    size_t size = 0;
    FILE *report = open_memstream(&text, &size);
    sim_assert(report);
    calibrate_report_print(calibration, false, report);
    sim_assert(fclose(report) == 0);
    fputs("<h2>Report</h2>\n<pre>", out);
    put_text(text, out);
    fputs("</pre>\n", out);
    free(text);
}

enum sim_status calibrate_page_write(const struct calibration *calibration, const char *path, struct sim_error *error)
{
    char *text = NULL;
    size_t size = 0;
    struct sim_part_file file;
    FILE *out = open_memstream(&text, &size);
    sim_assert(out);
    fputs("<!DOCTYPE html>\n<html lang='en'>\n<meta charset='utf-8'>\n<title>", out);
    put_text(calibration->measurements->name, out);
    fputs("</title>\n<style>body { font-family: sans-serif; margin: 2em; } pre { font-size: 13px; }</style>\n<h1>",
          out);
    put_text(calibration->measurements->name, out);
    fputs("</h1>\n", out);
    put_errors(calibration, out);
    calibrate_series_put(calibration, out);
    put_report(calibration, out);
    fputs("</html>\n", out);
    sim_assert(fclose(out) == 0);
    enum sim_status status = sim_part_file_open(&file, path, error);
    if (status == SIM_OK) {
        sim_part_file_write(&file, 0, text, size);
        status = sim_part_file_finish(&file, error);
    }
    free(text);
    return status;
}
