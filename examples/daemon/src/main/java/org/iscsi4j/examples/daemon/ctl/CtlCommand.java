package org.iscsi4j.examples.daemon.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.iscsi4j.api.Target;
import org.iscsi4j.examples.daemon.Failures;
import org.iscsi4j.examples.daemon.Main;
import org.iscsi4j.examples.daemon.config.ConfigException;
import org.iscsi4j.examples.daemon.config.ConfigReader;
import org.iscsi4j.examples.daemon.config.ControlClientConfig;
import org.iscsi4j.examples.daemon.config.UnknownKeys;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code ctl}: asks a running daemon for something, ours or istgt's. Exit status 0 when it is done,
 * 1 when the daemon refuses or can't be reached, 2 for a command line that makes no sense.
 */
@Command(
    name = "ctl",
    description = "Asks a running daemon to tell or do something, as istgtcontrol does.",
    versionProvider = Main.Version.class,
    sortOptions = false,
    footer = {
      "",
      "COMMAND is one of:",
      "  list                what is served: all targets, those of -t, or one LUN by -l",
      "  info, sessions      who is logged in",
      "  close SESSION       end a session",
      "  load, unload        put the medium of a removable unit (-t, -l) in, or take it out",
      "  change FILE         exchange it, by -f and -s",
      "  reset               reset a unit, and open its file anew",
      "  add DEVICE          serve another unit (-t, -l) until the next start",
      "  remove              serve a unit no more",
      "  resize SIZE         make a disk larger or smaller, such as 20G",
      "  stats, reservations what was done with units, and who has them for himself",
      "  refresh             read the daemon's configuration again",
      "  trace [AREAS]       what is logged in detail; all, none, or areas with commas",
      "  version, noop, quit"
    })
public final class CtlCommand implements Callable<Integer> {

  /** What stands for every target. */
  private static final String ALL = "ALL";

  private static final int REFUSED = 1;

  @Option(
      names = "-c",
      paramLabel = "FILE",
      description = "Configuration file (/etc/istgt/istgtcontrol.conf, if it is there).")
  private Optional<Path> file;

  @Mixin private DaemonOptions daemon;

  @Option(names = "-t", paramLabel = "TARGET", description = "The target's name, or ALL.")
  private Optional<String> target;

  @Option(names = "-l", paramLabel = "LUN", description = "The unit's number (0).")
  private Optional<Integer> lun;

  @Option(
      names = "-f",
      paramLabel = "FLAGS",
      description = "Of a medium: ro or rw, extend, dynamic, with commas between them (ro).")
  private Optional<String> flags;

  @Option(names = "-s", paramLabel = "SIZE", description = "Of a medium: auto, or bytes (auto).")
  private Optional<String> size;

  @Option(names = "--json", description = "Print a document for programs.")
  private boolean json;

  @Option(names = "-q", description = "Print nothing but what is asked for.")
  private boolean quiet;

  @Option(names = "-v", description = "Tell which daemon answers.")
  private boolean verbose;

  @Option(
      names = {"-H", "--help"},
      usageHelp = true,
      description = "Show this.")
  private boolean help;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Print the version.")
  private boolean version;

  @Parameters(index = "0", paramLabel = "COMMAND", description = "What to do.")
  private String command;

  @Parameters(index = "1..*", paramLabel = "ARGUMENT", description = "What it needs.")
  private List<String> arguments = new ArrayList<>();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    Action action = action();
    ControlClientConfig config = config();
    List<String> words = words(action, config);
    Printer printer =
        new Printer(spec.commandLine().getOut(), spec.commandLine().getErr(), json, quiet);
    try (ControlLink link =
        daemon.open(config, configFile().isPresent(), SecretPrompt::onConsole)) {
      if (verbose) {
        spec.commandLine().getErr().println(link.greeting());
      }
      return printer.print(action, ControlDaemon.of(link).ask(action, words)) ? 0 : REFUSED;
    } catch (IOException e) {
      printer.print(action, refused(action, Failures.describe(e)));
      return REFUSED;
    }
  }

  private static JsonNode refused(Action action, String why) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("command", action.name())
        .put("ok", false)
        .put("error", why);
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  // ---- what to ask

  private Action action() {
    Action action =
        Action.of(command)
            .orElseThrow(() -> usage("unknown command '" + command + "': " + Action.names()));
    if (!action.takes(arguments.size())) {
      throw usage("expected: " + (action + " " + action.argument()).strip());
    }
    return action;
  }

  private List<String> words(Action action, ControlClientConfig config) {
    List<String> words = new ArrayList<>(place(action, config));
    if (action == Action.CHANGE) {
      words.add("-"); // the type stays
      words.add(flags.orElse(config.flags()));
    }
    words.addAll(arguments);
    if (action == Action.CHANGE) {
      words.add(size.orElse(config.size()));
    }
    return words;
  }

  private List<String> place(Action action, ControlClientConfig config) {
    Optional<String> one =
        target.or(config::targetName).filter(name -> !name.equalsIgnoreCase(ALL));
    return switch (action.about()) {
      case NOTHING -> List.of();
      case TARGETS -> one.stream().toList();
      case ANYTHING ->
          Stream.concat(one.stream(), lun.stream().map(this::number).filter(any -> named(one)))
              .toList();
      case UNIT -> {
        String name = one.orElseThrow(() -> usage(action + " needs a target: say -t TARGET"));
        yield List.of(name, number(lun.orElse(config.lun())));
      }
    };
  }

  private boolean named(Optional<String> one) {
    if (one.isEmpty()) {
      throw usage("-l needs a target: say -t TARGET");
    }
    return true;
  }

  private String number(int number) {
    if (number < 0 || number > Target.MAX_LUN) {
      throw usage("-l " + number + " is not within 0.." + Target.MAX_LUN);
    }
    return Integer.toString(number);
  }

  // ---- the configuration file

  private Optional<Path> configFile() {
    return file.or(() -> Optional.of(ConfigReader.CONTROL_CLIENT_FILE).filter(Files::isReadable));
  }

  private ControlClientConfig config() {
    Optional<Path> found = configFile();
    if (found.isEmpty()) {
      return ControlClientConfig.DEFAULTS;
    }
    try {
      return new ConfigReader(UnknownKeys.WARN).controlClient(found.get()).value();
    } catch (ConfigException e) {
      throw usage(e.getMessage());
    }
  }
}
