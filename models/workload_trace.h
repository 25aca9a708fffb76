/* workload_trace.h - arrivals from a CSV file of a measured trace. */
#ifndef MODELS_WORKLOAD_TRACE_H
#define MODELS_WORKLOAD_TRACE_H

#include "models/workload.h"

/* Reads the file that the workload's configuration names: times in order, scaled, counted from the first row. */
SIM_MUST_USE enum sim_status workload_trace_load(struct workload *workload, struct sim_error *error);

/* Goes to the first row from the time on; what `keep` leaves out is left out when rows are taken. */
void workload_trace_skip(struct workload *workload, sim_time_ns time_ns);

#endif
