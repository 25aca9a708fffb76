/* csv.c - one line per metric and scope. */
#include "analysis/csv.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "sim/csv.h"

/* As many digits as it takes to get the same number back. */
void csv_print_number(double value, FILE *out)
{
    char text[32] = "";
    for (int digits = 15; digits <= 17 && isfinite(value); digits++) {
        (void)snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    fprintf(out, ",%s", text);
}

void csv_print_rows(const struct summary *summary, const char *scenario, FILE *out)
{
    for (size_t i = 0; i < summary->row_count; i++) {
        const struct summary_row *row = &summary->rows[i];
        if (scenario) {
            sim_csv_write_text(out, scenario);
            fputc(',', out);
        }
        fprintf(out, "%s,%s,%s", row->scope->name, row->metric->name, row->metric->unit);
        csv_print_number(row->estimate.value, out);
        csv_print_number(row->estimate.low, out);
        csv_print_number(row->estimate.high, out);
        fprintf(out, ",%" PRIu64 "\n", row->estimate.count);
    }
}

void csv_print(const struct summary *summary, FILE *out)
{
    fputs("scope,metric,unit,value,low,high,count\n", out);
    csv_print_rows(summary, NULL, out);
}
