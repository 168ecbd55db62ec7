package org.iscsi4j.examples.daemon;

import java.io.IOException;
import java.util.Optional;
import org.iscsi4j.examples.daemon.ctl.CtlCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The program {@code iscsi-daemon}. Exit status 0 after a clean end, 1 when storage or a port can't
 * be had, 2 for a command line that makes no sense.
 */
@Command(
    name = "iscsi-daemon",
    description = "Serves disks over iSCSI.",
    subcommands = {ServeCommand.class, CheckConfigCommand.class, CtlCommand.class},
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class)
public final class Main implements Runnable {

  @Spec private CommandSpec spec;

  /** Runs the program. */
  public static void main(String... args) {
    System.exit(commandLine().execute(args));
  }

  /** The command line with its error manners: one line, no usage dump, no stack trace. */
  static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setExpandAtFiles(false) // an argument is what it says
        .setParameterExceptionHandler((e, args) -> usageError(e))
        .setExecutionExceptionHandler((e, command, parsed) -> runError(e, command));
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "missing command: serve, check-config or ctl");
  }

  private static int usageError(ParameterException e) {
    CommandLine command = e.getCommandLine();
    complain(command, e.getMessage() + "; see " + name(command) + " --help");
    return CommandLine.ExitCode.USAGE;
  }

  private static int runError(Exception e, CommandLine command) throws Exception {
    if (e instanceof IOException failure) {
      complain(command, Failures.describe(failure));
      return CommandLine.ExitCode.SOFTWARE;
    }
    throw e;
  }

  private static void complain(CommandLine command, String message) {
    command.getErr().println("iscsi-daemon: " + message.lines().findFirst().orElse("failed"));
  }

  private static String name(CommandLine command) {
    return command.getCommandSpec().qualifiedName();
  }

  /** The version in the jar's manifest. */
  public static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version =
          Optional.ofNullable(Main.class.getPackage().getImplementationVersion())
              .orElse("(unpackaged)");
      return new String[] {"iscsi-daemon " + version};
    }
  }
}
