/* command.h - the subcommands. Each is a function of its own command line, argv[0] being "capsim NAME", that returns
 * the exit code.
 */
#ifndef ANALYSIS_COMMAND_H
#define ANALYSIS_COMMAND_H

int command_run(int argc, char **argv);
int command_sweep(int argc, char **argv);
int command_tune(int argc, char **argv);
int command_merge(int argc, char **argv);
int command_calibrate(int argc, char **argv);
int command_size(int argc, char **argv);
int command_compare(int argc, char **argv);
int command_report(int argc, char **argv);
int command_check(int argc, char **argv);
int command_explain(int argc, char **argv);
int command_verify(int argc, char **argv);
int command_import(int argc, char **argv);

#endif
