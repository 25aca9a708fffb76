/* capsim_mpi.c - capsim-mpi: `capsim sweep` under mpirun.
 *
 *   mpirun -np 33 build/capsim-mpi tts.yaml --vary 'pools.tts.max_inputs=[8, 12, 20]' -o points
 *
 * Process 0 hands out the numbers of points, one at a time; the others simulate, each with one thread, and write the
 * files themselves, so the folder is one that all of them see. Alone, process 0 simulates. Files are those of
 * `capsim sweep`. When a process dies, Open MPI 4 ends the others: finished points stay, and --resume goes on from
 * there.
 */
#include <mpi.h>
#include <stdio.h>
#include <time.h>

#include <gsl/gsl_errno.h>

#include "analysis/interrupt.h"
#include "analysis/json_part.h"
#include "analysis/message.h"
#include "analysis/sweep_options.h"

enum {
    TAG_ASK = 1, /* to the manager: how the last point went, an exit code */
    TAG_POINT,   /* to a worker: the next one, or NOTHING_LEFT */
    MANAGER = 0,
    NOTHING_LEFT = -1,
    PAUSE_NS = 200000 /* between two looks of the manager, which would otherwise use up a processor */
};

/* The first failure counts; nothing is handed out after it. */
static int worse(int code, int other)
{
    return code == EXIT_DONE ? other : code;
}

/* The next message to the manager. */
static int wait_for_worker(int *worker)
{
    const struct timespec pause = {.tv_nsec = PAUSE_NS};
    MPI_Status status;
    int is_there = 0;
    int code;
    for (MPI_Iprobe(MPI_ANY_SOURCE, TAG_ASK, MPI_COMM_WORLD, &is_there, &status); !is_there;
         MPI_Iprobe(MPI_ANY_SOURCE, TAG_ASK, MPI_COMM_WORLD, &is_there, &status))
        (void)nanosleep(&pause, NULL);
    *worker = status.MPI_SOURCE;
    MPI_Recv(&code, 1, MPI_INT, *worker, TAG_ASK, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    return code;
}

static int manage(const struct sweep *sweep, int worker_count)
{
    int code = EXIT_DONE;
    size_t next = 0;
    while (worker_count > 0) {
        int worker;
        code = worse(code, wait_for_worker(&worker));
        bool has_more = code == EXIT_DONE && next < sweep->wanted_count && !*interrupt_flag();
        int point = has_more ? (int)sweep->wanted[next++] : NOTHING_LEFT;
        MPI_Send(&point, 1, MPI_INT, worker, TAG_POINT, MPI_COMM_WORLD);
        worker_count -= !has_more;
    }
    return code == EXIT_DONE && next < sweep->wanted_count ? EXIT_INTERRUPTED : code;
}

static int run_point(const struct sweep *sweep, size_t point)
{
    struct sim_error error;
    if (sweep_run_point(sweep, point, 1, interrupt_flag(), &error) == SIM_OK)
        return EXIT_DONE;
    return message_error(&error);
}

/* code: whether the worker is ready for work. */
static int work(const struct sweep *sweep, int code)
{
    for (;;) {
        int point;
        MPI_Send(&code, 1, MPI_INT, MANAGER, TAG_ASK, MPI_COMM_WORLD);
        MPI_Recv(&point, 1, MPI_INT, MANAGER, TAG_POINT, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        if (point == NOTHING_LEFT)
            return code;
        code = run_point(sweep, (size_t)point);
    }
}

static int work_alone(const struct sweep *sweep)
{
    int code = EXIT_DONE;
    for (size_t i = 0; i < sweep->wanted_count && code == EXIT_DONE; i++)
        code = run_point(sweep, sweep->wanted[i]);
    return code;
}

/* Mistakes are found, and said, by process 0; the others begin when it has found none. */
static int open_sweep(const struct options *options, int rank, struct diagnostic_list *problems, struct sweep *sweep)
{
    const struct sweep_share share = sweep_options_share(options);
    struct sim_error error;
    int code = EXIT_DONE;
    if (rank == MANAGER && (options->is_json || options->is_csv)) {
        (void)sim_error_set(&error, SIM_BAD_INPUT, NULL, 0, "the table is printed by `capsim merge`");
        code = message_error(&error);
    } else if (rank == MANAGER) {
        code = sweep_options_create(options, options->output, problems, sweep);
    }
    if (rank == MANAGER && code == EXIT_DONE && sweep_want(sweep, &share, &error) != SIM_OK)
        code = message_error(&error);
    MPI_Bcast(&code, 1, MPI_INT, MANAGER, MPI_COMM_WORLD);
    return code;
}

static int run(const struct options *options, int rank, int size, struct diagnostic_list *problems)
{
    struct sweep sweep = {0};
    int code = open_sweep(options, rank, problems, &sweep);
    if (code == EXIT_DONE) {
        json_part_begin();
        interrupt_catch();
        if (size == 1)
            code = work_alone(&sweep);
        else if (rank == MANAGER)
            code = manage(&sweep, size - 1);
        else
            code = work(&sweep, sweep_options_create(options, options->output, problems, &sweep));
    }
    if (code == EXIT_DONE && rank == MANAGER && !options->is_quiet)
        fprintf(stderr, "%zu of %zu points are in %s\n", sweep.finished_count + sweep.wanted_count,
                sweep.finished_count + sweep.wanted_count, sweep.folder);
    sweep_release(&sweep);
    return code;
}

int main(int argc, char **argv)
{
    static char title[] = "capsim-mpi";
    int rank;
    int size;
    struct options options;
    struct diagnostic_list problems;
    (void)gsl_set_error_handler_off();
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    argv[0] = title;
    sweep_options_parse(argc, argv, &options);
    diagnostic_init(&problems);
    int code = run(&options, rank, size, &problems);
    diagnostic_release(&problems);
    options_release(&options);
    MPI_Finalize();
    return code;
}
