/* csv.c - one line per metric and scope. */
#include "analysis/csv.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

/* As many digits as it takes to get the same number back. */
static void print_number(double value, FILE *out)
{
    char text[32] = "";
    for (int digits = 15; digits <= 17 && isfinite(value); digits++) {
        (void)snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    fprintf(out, ",%s", text);
}

void csv_print(const struct summary *summary, FILE *out)
{
    fputs("scope,metric,unit,value,low,high,count\n", out);
    for (size_t i = 0; i < summary->row_count; i++) {
        const struct summary_row *row = &summary->rows[i];
        fprintf(out, "%s,%s,%s", row->scope->name, row->metric->name, row->metric->unit);
        print_number(row->estimate.value, out);
        print_number(row->estimate.low, out);
        print_number(row->estimate.high, out);
        fprintf(out, ",%" PRIu64 "\n", row->estimate.count);
    }
}
