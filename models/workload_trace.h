/* workload_trace.h - arrivals from a CSV file of a measured trace. */
#ifndef MODELS_WORKLOAD_TRACE_H
#define MODELS_WORKLOAD_TRACE_H

#include "models/workload.h"

/* Reads the file that the workload's configuration names: times in order, scaled, counted from the first row. */
SIM_MUST_USE enum sim_status workload_trace_load(struct workload *workload, struct sim_error *error);

#endif
