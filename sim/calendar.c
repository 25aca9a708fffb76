/* calendar.c - days are counted from 1 March, so that the leap day is the last of its year. */
#include "sim/calendar.h"

#include "sim/error.h"

enum {
    YEAR_FIRST = 1678,
    YEAR_LAST = 2261,
    DAYS_IN_ERA = 146097,    /* 400 years */
    DAYS_TO_1970 = 719468,   /* from 1 March of year 0 */
    WEEKDAY_OF_1970_DAY1 = 3 /* a Thursday */
};

static bool is_leap_year(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int month_length(int year, int month)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return lengths[month - 1] + (month == 2 && is_leap_year(year));
}

/* From 1 March on, months have 31, 30, 31, 30, 31 days and again: 153 in five, and (153 m + 2) / 5 before the m-th. */
static sim_time_ns day_start(int year, int month, int day)
{
    int shifted_year = month > 2 ? year : year - 1;
    int shifted_month = month > 2 ? month - 3 : month + 9;
    int64_t days = 365 * (int64_t)shifted_year + shifted_year / 4 - shifted_year / 100 + shifted_year / 400;
    days += (153 * shifted_month + 2) / 5 + day - 1;
    return (days - DAYS_TO_1970) * SIM_DAY;
}

static int64_t divide_down(int64_t value, int64_t divisor)
{
    return value / divisor - (value % divisor < 0);
}

struct sim_calendar_date sim_calendar_split(sim_time_ns since_1970_ns)
{
    struct sim_calendar_date date = {0};
    int64_t days = divide_down(since_1970_ns, SIM_DAY);
    int64_t clock_ns = since_1970_ns - days * SIM_DAY;
    date.weekday = (int)((days % 7 + 7 + WEEKDAY_OF_1970_DAY1) % 7);
    date.hour = (int)(clock_ns / SIM_HOUR);
    date.minute = (int)(clock_ns / (60 * SIM_SECOND) % 60);
    date.second = (int)(clock_ns / SIM_SECOND % 60);
    date.nanosecond = (int)(clock_ns % SIM_SECOND);

    int64_t shifted = days + DAYS_TO_1970;
    int64_t era = shifted / DAYS_IN_ERA;
    int64_t day_of_era = shifted % DAYS_IN_ERA;
    /* A leap day at the end of every 4th year, not of every 100th, but of the 400th. */
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / (DAYS_IN_ERA - 1)) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int shifted_month = (int)((5 * day_of_year + 2) / 153);
    date.day = (int)(day_of_year - (153 * shifted_month + 2) / 5) + 1;
    date.month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
    date.year = (int)(400 * era + year_of_era) + (date.month <= 2);
    sim_assert(date.year >= YEAR_FIRST && date.year <= YEAR_LAST);
    return date;
}

bool sim_calendar_day_start(int year, int month, int day, sim_time_ns *since_1970_ns)
{
    if (year < YEAR_FIRST || year > YEAR_LAST || month < 1 || month > 12 || day < 1 || day > month_length(year, month))
        return false;
    *since_1970_ns = day_start(year, month, day);
    return true;
}

sim_time_ns sim_calendar_month_start(sim_time_ns since_1970_ns)
{
    struct sim_calendar_date date = sim_calendar_split(since_1970_ns);
    return day_start(date.year, date.month, 1);
}

sim_time_ns sim_calendar_next_month(sim_time_ns since_1970_ns)
{
    struct sim_calendar_date date = sim_calendar_split(since_1970_ns);
    return date.month < 12 ? day_start(date.year, date.month + 1, 1) : day_start(date.year + 1, 1, 1);
}

sim_time_ns sim_calendar_add_months(sim_time_ns since_1970_ns, int months)
{
    struct sim_calendar_date date = sim_calendar_split(since_1970_ns);
    int64_t month = 12 * (int64_t)date.year + date.month - 1 + months;
    sim_assert(month >= 12 * (int64_t)YEAR_FIRST && month < 12 * ((int64_t)YEAR_LAST + 1));
    int year_to = (int)(month / 12);
    int month_to = (int)(month % 12) + 1;
    int length = month_length(year_to, month_to);
    sim_time_ns clock_ns = since_1970_ns - day_start(date.year, date.month, date.day);
    return day_start(year_to, month_to, date.day < length ? date.day : length) + clock_ns;
}
