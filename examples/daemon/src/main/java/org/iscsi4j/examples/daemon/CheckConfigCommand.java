package org.iscsi4j.examples.daemon;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import org.iscsi4j.examples.daemon.config.Checked;
import org.iscsi4j.examples.daemon.config.ConfigException;
import org.iscsi4j.examples.daemon.config.ConfigReader;
import org.iscsi4j.examples.daemon.config.DaemonConfig;
import org.iscsi4j.examples.daemon.config.Problem;
import org.iscsi4j.examples.daemon.config.UnitSection;
import org.iscsi4j.examples.daemon.config.UnknownKeys;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code check-config}: whether a daemon would start with a file, without starting one. */
@Command(
    name = "check-config",
    description = "Checks istgt.conf, and auth.conf with it, and tells all that is wrong.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    exitCodeListHeading = "Exit status:%n",
    exitCodeList = {"0:the file can be used", "2:it can't"})
final class CheckConfigCommand implements Callable<Integer> {

  @Parameters(
      paramLabel = "FILE",
      arity = "0..1",
      defaultValue = "/etc/istgt/istgt.conf",
      description = "The file to check (default: ${DEFAULT-VALUE}).")
  private Path file;

  @Option(
      names = "--unknown-keys",
      paramLabel = "refuse|warn",
      defaultValue = "refuse",
      converter = Converters.OfUnknownKeys.class,
      description =
          "Whether keys and sections that nobody knows are mistakes, or left out with a warning"
              + " (default: ${DEFAULT-VALUE}).")
  private UnknownKeys unknownKeys;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter err = spec.commandLine().getErr();
    try {
      Checked<DaemonConfig> checked = new ConfigReader(unknownKeys).daemon(file);
      print(checked.warnings(), err);
      spec.commandLine().getOut().println(file + ": good: " + summary(checked.value()));
      return ExitCode.OK;
    } catch (ConfigException e) {
      print(e.problems(), err);
      return ExitCode.USAGE;
    }
  }

  private static void print(List<Problem> problems, PrintWriter err) {
    problems.forEach(err::println);
  }

  private static String summary(DaemonConfig config) {
    Collection<UnitSection> units = config.units().values();
    long luns = units.stream().mapToLong(unit -> unit.luns().size()).sum();
    long portals =
        config.portalGroups().values().stream().mapToLong(group -> group.portals().size()).sum();
    return count(units.size(), "target")
        + " with "
        + count(luns, "LUN")
        + " at "
        + count(portals, "portal");
  }

  private static String count(long number, String what) {
    return number + " " + what + (number == 1 ? "" : "s");
  }
}
