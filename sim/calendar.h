/* calendar.h - dates of the Gregorian calendar, in UTC without leap seconds, for times in ns since 1970-01-01 00:00.
 *
 * Years are 1678 to 2261, all of which lies within a sim_time_ns. A time before or after these years is a mistake of
 * the caller and fails an assertion. Cost: some ten divisions.
 */
#ifndef SIM_CALENDAR_H
#define SIM_CALENDAR_H

#include <stdbool.h>

#include "sim/time.h"

struct sim_calendar_date {
    int year;
    int month;   /* 1 to 12 */
    int day;     /* 1 to 31 */
    int weekday; /* 0 Monday to 6 Sunday */
    int hour;    /* 0 to 23 */
    int minute;
    int second;
    int nanosecond;
};

/* The date and time of day at an instant. */
struct sim_calendar_date sim_calendar_split(sim_time_ns since_1970_ns);

/* The first instant of a day; false, with *since_1970_ns unchanged, for days that do not exist or are out of range. */
bool sim_calendar_day_start(int year, int month, int day, sim_time_ns *since_1970_ns);

/* The first instant of the month that holds an instant, and of the month after that. */
sim_time_ns sim_calendar_month_start(sim_time_ns since_1970_ns);
sim_time_ns sim_calendar_next_month(sim_time_ns since_1970_ns);

/* An instant moved by whole months, back if `months` is negative; the 29th to 31st become the last day of a shorter
 * month. The result must lie within the years above.
 */
sim_time_ns sim_calendar_add_months(sim_time_ns since_1970_ns, int months);

#endif
