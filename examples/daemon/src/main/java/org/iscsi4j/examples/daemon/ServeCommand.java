package org.iscsi4j.examples.daemon;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.Portal;
import org.iscsi4j.api.StateStore;
import org.iscsi4j.api.TlsSettings;
import org.iscsi4j.api.access.Chap;
import org.iscsi4j.target.IscsiServer;
import org.iscsi4j.target.IscsiServerBuilder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code serve}: one target with its disks, until the process is told to end. */
@Command(
    name = "serve",
    description = "Serves disks until SIGTERM or Ctrl-C.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    sortOptions = false,
    footer = {
      "",
      "SPEC is a device and its options, SCHEME:PATH?OPTION&OPTION=VALUE:",
      "  mem:64m                 a sparse disk on the Java heap (java -Xmx), gone at the end",
      "  file:/path/disk.img     a disk in a file, or a block device",
      "  size=1g                 make a missing file that long, sparse",
      "  limit=16m               keep no more data than that: writes beyond run out of space",
      "  blocksize=4096          bytes in a logical block (512)",
      "  physical=4096           bytes in a physical block (blocksize)",
      "  serial=TEXT             the unit serial number",
      "  readonly                refuse writes",
      "  removable               let initiators eject the medium",
      "  mapped                  map the file into memory",
      "  iops=1000               let no more operations a second pass, and save up a second's",
      "  bps=100m                the same for bytes a second",
      "Sizes take k, m, g, t. Quote a SPEC for the shell when it has a & in it."
    })
final class ServeCommand implements Callable<Integer> {

  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT[,TAG]",
      defaultValue = "127.0.0.1:3260",
      converter = Converters.OfPortal.class,
      description = {
        "Where to listen, several times for several portals of the target; an IPv6 address in"
            + " brackets, port 0 for a free one (default: ${DEFAULT-VALUE}). A TAG puts it in"
            + " another portal group than 1, which is a target port group of its own (ALUA)."
      })
  private List<Portal> portals;

  @Option(
      names = "--target",
      paramLabel = "IQN",
      defaultValue = "iqn.2026-11.org.iscsi4j:disk",
      converter = Converters.OfName.class,
      description = "Name of the target (default: ${DEFAULT-VALUE}).")
  private IscsiName target;

  @Option(names = "--alias", paramLabel = "TEXT", description = "What the target is, for people.")
  private Optional<String> alias;

  @Option(
      names = "--lun",
      paramLabel = "SPEC",
      defaultValue = "mem:64m",
      converter = Converters.OfLun.class,
      description =
          "A disk, several times for LUN 0, 1, ... in this order (default: ${DEFAULT-VALUE}).")
  private List<LunSpec> luns;

  @Option(
      names = "--chap",
      paramLabel = "USER:SECRET",
      converter = Converters.OfAccount.class,
      description =
          "Let nobody in but this user, several times for several users. Other users of this"
              + " machine can read it in the list of processes.")
  private List<ChapAccount> users = new ArrayList<>();

  @Option(
      names = "--mutual-chap",
      paramLabel = "USER:SECRET",
      converter = Converters.OfAccount.class,
      description = "Who the target is to initiators that ask it to prove itself.")
  private Optional<ChapAccount> self;

  @Option(
      names = "--header-digest",
      paramLabel = "None|CRC32C",
      converter = Converters.OfDigest.class,
      description = "The only header digest to agree to (default: either).")
  private Optional<DigestRule> headerDigest;

  @Option(
      names = "--data-digest",
      paramLabel = "None|CRC32C",
      converter = Converters.OfDigest.class,
      description = "The only data digest to agree to (default: either).")
  private Optional<DigestRule> dataDigest;

  @Option(
      names = "--tls-keystore",
      paramLabel = "FILE",
      description = {
        "Speak TLS on every portal, with the key and certificate of this PKCS #12 file. No"
            + " standard of iSCSI knows that: it is for clients behind a tunnel such as stunnel."
      })
  private Optional<Path> tlsKeyStore;

  @Option(
      names = "--tls-password-file",
      paramLabel = "FILE",
      description =
          "The key store's password, in the first line (default: the environment's "
              + TlsFiles.PASSWORD_VARIABLE
              + ").")
  private Optional<Path> tlsPasswordFile;

  @Option(
      names = "--tls-client-ca",
      paramLabel = "FILE",
      description = "Let nobody in whose certificate is not signed by one of these, in PEM.")
  private Optional<Path> tlsClientAuthorities;

  @Option(
      names = "--queue-depth",
      paramLabel = "COUNT",
      converter = Converters.OfCommands.class,
      description = "Commands that a session may have outstanding, up to 4096 (default: 128).")
  private Optional<Integer> queueDepth;

  @Option(
      names = "--state",
      paramLabel = "DIRECTORY",
      description =
          "Keep there what disks must not forget when this ends: saved mode pages, identifying"
              + " information, reservations that outlive a power loss, an unfinished sanitize"
              + " (default: forget it).")
  private Optional<Path> state;

  @Option(
      names = {"-v", "--verbose"},
      description =
          "Log sessions on standard error; -vv what they agree on and each CHECK CONDITION too.")
  private boolean[] verbose = {};

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Logging.setUp(verbose.length);
    Daemon daemon = start();
    ShutdownHook.install(daemon);
    new Announcement(daemon, users.stream().findFirst()).print(spec.commandLine().getOut());
    daemon.awaitClosed();
    return 0;
  }

  /** A value that only shows to be wrong when it is used is a bad argument all the same. */
  private Daemon start() throws IOException {
    try {
      return Daemon.start(server(), target.toString(), alias, luns);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private IscsiServerBuilder server() throws IOException {
    IscsiServerBuilder server = IscsiServer.builder().listener(new SessionLog());
    Optional<TlsSettings> tls = tls();
    portals.stream().map(portal -> tls.map(portal::withTls).orElse(portal)).forEach(server::portal);
    headerDigest.map(DigestRule::accepted).ifPresent(server::headerDigest);
    dataDigest.map(DigestRule::accepted).ifPresent(server::dataDigest);
    queueDepth.ifPresent(server::queueDepth);
    if (state.isPresent()) {
      server.stateStore(StateStore.inDirectory(state.get()));
    }
    if (!users.isEmpty() || self.isPresent()) {
      server.chap(chap());
    }
    return server;
  }

  private Optional<TlsSettings> tls() throws IOException {
    if (tlsKeyStore.isPresent()) {
      TlsFiles files = new TlsFiles(tlsKeyStore.get(), tlsPasswordFile, tlsClientAuthorities);
      return Optional.of(files.settings(System.getenv()));
    }
    if (tlsPasswordFile.isPresent() || tlsClientAuthorities.isPresent()) {
      throw new ParameterException(
          spec.commandLine(), "--tls-password-file and --tls-client-ca need --tls-keystore");
    }
    return Optional.empty();
  }

  private Chap chap() {
    if (users.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "--mutual-chap needs --chap: a target proves itself to its users");
    }
    Chap.Builder chap = Chap.builder().allowShortSecrets();
    Set<String> names = new HashSet<>();
    for (ChapAccount account : users) {
      if (!names.add(account.user())) {
        throw new ParameterException(
            spec.commandLine(), "--chap names the user '" + account.user() + "' twice");
      }
      chap.user(account.user(), account.secret());
    }
    self.ifPresent(account -> chap.own(account.user(), account.secret()));
    return chap.build();
  }
}
