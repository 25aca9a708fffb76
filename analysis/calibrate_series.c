/* calibrate_series.c - series over time as a compact table and as an SVG file: one panel a measure, one under another.
 */
#include "analysis/calibrate_series.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/format.h"
#include "sim/part_file.h"

/* ---- The table ---- */

enum {
    LINES = 12
};

static struct format_text cell(double value, const char *unit)
{
    if (strcmp(unit, "ratio") == 0)
        return format_figure(value, unit, 1);
    struct format_text text;
    snprintf(text.text, sizeof text.text, "%.0f", value);
    return text;
}

void calibrate_series_print(const struct calibration *calibration, const struct style *style, FILE *out)
{
    const struct calibration_series *series = calibration->series.items;
    if (calibration->series.count == 0)
        return;
    fprintf(out, "\n%s%-10s", style->bold, series[0].data);
    for (size_t i = 0; i < calibration->series.count; i++)
        fprintf(out, " %16s %6s", series[i].name, "ours");
    fprintf(out, "%s\n", style->plain);
    size_t lines = series[0].count < LINES ? series[0].count : LINES;
    for (size_t line = 1; line <= lines; line++) {
        size_t at = line * series[0].count / lines - 1;
        fprintf(out, "  %6.6g s", series[0].times_s[at]);
        for (size_t i = 0; i < calibration->series.count; i++)
            if (at < series[i].count)
                fprintf(out, " %16s %6s", cell(series[i].theirs[at], series[i].unit).text,
                        cell(series[i].ours[at], series[i].unit).text);
        fputs("\n", out);
    }
}

/* ---- The picture ---- */

enum {
    WIDTH = 900,
    PANEL = 200, /* height of a panel with its margins */
    HEAD = 50,
    LEFT = 60,
    RIGHT = 20,
    ABOVE = 30,
    BELOW = 30,
    TICKS = 5
};

/* Where numbers lie in a panel. */
struct panel {
    FILE *out;
    const struct calibration_series *series;
    double top;
    double first;
    double last;
    double highest;
};

/* The smallest 1, 2 or 5 times a power of ten that is not below `value`. */
static double round_up(double value)
{
    double unit = 1;
    if (!(value > 0))
        return 1;
    while (unit < value)
        unit *= 10;
    while (unit >= 10 * value)
        unit /= 10;
    return value <= unit / 5 ? unit / 5 : value <= unit / 2 ? unit / 2 : unit;
}

static double x_of(const struct panel *panel, double time_s)
{
    return LEFT + (time_s - panel->first) / (panel->last - panel->first) * (WIDTH - LEFT - RIGHT);
}

static double y_of(const struct panel *panel, double value)
{
    double height = PANEL - ABOVE - BELOW;
    return panel->top + ABOVE + height - value / panel->highest * height;
}

static void draw_axes(const struct panel *panel)
{
    double step = round_up(panel->highest / TICKS), step_s = round_up((panel->last - panel->first) / 10);
    bool is_share = strcmp(panel->series->unit, "ratio") == 0;
    for (int i = 0; i * step <= panel->highest * 1.001; i++) {
        double value = i * step;
        fprintf(panel->out,
                "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>"
                "<text class=\"right\" x=\"%d\" y=\"%.1f\">%g%s</text>\n",
                LEFT, WIDTH - RIGHT, y_of(panel, value), y_of(panel, value), LEFT - 6, y_of(panel, value) + 4,
                is_share ? 100 * value : value, is_share ? " %" : "");
    }
    for (int i = 0; panel->first + i * step_s <= panel->last; i++)
        fprintf(panel->out, "<text class=\"middle\" x=\"%.1f\" y=\"%.1f\">%g s</text>\n",
                x_of(panel, panel->first + i * step_s), y_of(panel, 0) + 16, panel->first + i * step_s);
    fprintf(panel->out, "<text class=\"title\" x=\"%d\" y=\"%.1f\">%s</text>\n", LEFT, panel->top + ABOVE - 8,
            panel->series->name);
}

static void draw_line(const struct panel *panel, const double *values, const char *class)
{
    bool is_drawing = false;
    fprintf(panel->out, "<path class=\"%s\" d=\"", class);
    for (size_t i = 0; i < panel->series->count; i++) {
        if (isfinite(values[i]))
            fprintf(panel->out, "%c%.1f %.1f", is_drawing ? 'L' : 'M', x_of(panel, panel->series->times_s[i]),
                    y_of(panel, values[i]));
        is_drawing = isfinite(values[i]);
    }
    fputs("\"/>\n", panel->out);
}

static void draw_panel(FILE *out, const struct calibration_series *series, size_t place)
{
    struct panel panel = {.out = out, .series = series, .top = HEAD + (double)place * PANEL};
    double most = 0;
    for (size_t i = 0; i < series->count; i++)
        most = fmax(most, fmax(series->theirs[i], series->ours[i]));
    double step = round_up(most / TICKS);
    panel.highest = step * ceil(most / step - 1e-9);
    panel.highest = panel.highest > 0 ? panel.highest : 1;
    panel.first = series->times_s[0] > 0 ? 0 : series->times_s[0];
    panel.last = fmax(series->times_s[series->count - 1], panel.first + 1e-9);
    draw_axes(&panel);
    draw_line(&panel, series->theirs, "theirs");
    draw_line(&panel, series->ours, "ours");
}

/* Text of a file, with the characters that mean something in SVG replaced. */
static void put_text(const char *text, FILE *out)
{
    for (; *text; text++)
        if (*text == '<' || *text == '&')
            fputs(*text == '<' ? "&lt;" : "&amp;", out);
        else
            fputc(*text, out);
}

static void draw_all(const struct calibration *calibration, FILE *out)
{
    const struct calibration_series *series = calibration->series.items;
    int height = HEAD + (int)calibration->series.count * PANEL;
    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\">\n"
            "<style>text{font:12px sans-serif;fill:#333}.title{font-weight:bold}.right{text-anchor:end}"
            ".middle{text-anchor:middle}.grid{stroke:#ddd}path{fill:none;stroke-width:1.5}.theirs{stroke:#999}"
            ".ours{stroke:#c40}</style>\n<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n",
            WIDTH, height, WIDTH, height);
    fprintf(out, "<text class=\"title\" x=\"%d\" y=\"24\">", LEFT);
    put_text(calibration->measurements->name, out);
    fprintf(out,
            "</text>\n<path class=\"theirs\" d=\"M%d 36h24\"/><text x=\"%d\" y=\"40\">measured</text>"
            "<path class=\"ours\" d=\"M%d 36h24\"/><text x=\"%d\" y=\"40\">simulated with the fitted profile</text>\n",
            LEFT, LEFT + 30, LEFT + 110, LEFT + 140);
    for (size_t i = 0; i < calibration->series.count; i++)
        draw_panel(out, &series[i], i);
    fputs("</svg>\n", out);
}

void calibrate_series_put(const struct calibration *calibration, FILE *out)
{
    if (calibration->series.count > 0)
        draw_all(calibration, out);
}

enum sim_status calibrate_series_draw(const struct calibration *calibration, const char *path, struct sim_error *error)
{
    char *text = NULL;
    size_t size = 0;
    struct sim_part_file file;
    if (calibration->series.count == 0)
        return sim_error_set(error, SIM_BAD_INPUT, path, 0,
                             "there is nothing to draw: no table of kind 'series' was compared");
    FILE *out = open_memstream(&text, &size);
    sim_assert(out);
    draw_all(calibration, out);
    sim_assert(fclose(out) == 0);
    enum sim_status status = sim_part_file_open(&file, path, error);
    if (status == SIM_OK) {
        sim_part_file_write(&file, 0, text, size);
        status = sim_part_file_finish(&file, error);
    }
    free(text);
    return status;
}
