package org.iscsi4j.examples.daemon.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;

/** istgt.conf and auth.conf in a folder. */
record ConfigFolder(Path folder) {

  /** A file that is good, with room for one more line in each section. */
  static final String GOOD =
      """
      [Global]
        AuthFile auth.conf
        #GLOBAL
      [UnitControl]
        AuthMethod CHAP
        AuthGroup AuthGroup2
        Portal UC1 127.0.0.1:3261
        Netmask 127.0.0.1
        #CONTROL
      [PortalGroup1]
        Portal DA1 192.0.2.1:3260
        #PORTALS
      [InitiatorGroup1]
        InitiatorName ALL
        #INITIATORS
      [LogicalUnit1]
        TargetName disk1
        Mapping PortalGroup1 InitiatorGroup1
        UnitType Disk
        LUN0 Storage disk1.img 1GB
        #DISK
      [LogicalUnit2]
        TargetName dvd1
        Mapping PortalGroup1 InitiatorGroup1
        UnitType DVD
        LUN0 Removable ro /dev/null auto
        #DVD
      [LogicalUnit3]
        TargetName tape1
        Mapping PortalGroup1 InitiatorGroup1
        UnitType Tape
        LUN0 Removable rw,extend tape1.vt 1GB
        #TAPE
      """;

  static final String GOOD_SECRETS =
      """
      [AuthGroup1]
        Auth "alice" "tset"
      [AuthGroup2]
        Auth "admin" "control-secret" "daemon" "daemon-secret"
        Auth "guest" "guest-secret"
      """;

  /** The good file with a line in a section; the section's other lines keep their numbers. */
  static String with(String section, String line) {
    String place = "#" + section + "\n";
    if (!GOOD.contains(place)) {
      throw new IllegalArgumentException("no place " + section);
    }
    return GOOD.replace(place, line + "\n");
  }

  /** The line of the good file on which some text stands. */
  static int lineOf(String text) {
    return (int) GOOD.substring(0, GOOD.indexOf(text)).chars().filter(c -> c == '\n').count() + 1;
  }

  Path config() {
    return folder.resolve("istgt.conf");
  }

  Path secrets() {
    return folder.resolve("auth.conf");
  }

  ConfigFolder write(String config, String secrets) {
    try {
      Files.writeString(config(), config);
      Files.writeString(secrets(), secrets);
      if (Files.getFileStore(folder).supportsFileAttributeView("posix")) {
        Files.setPosixFilePermissions(secrets(), PosixFilePermissions.fromString("rw-------"));
      }
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  DaemonConfig read() throws ConfigException {
    return new ConfigReader(UnknownKeys.REFUSE).daemon(config()).value();
  }

  /** All that is wrong, a line each, with the names of the files alone. */
  List<String> problems(UnknownKeys unknownKeys) {
    Stream<Problem> problems;
    try {
      problems = new ConfigReader(unknownKeys).daemon(config()).warnings().stream();
    } catch (ConfigException e) {
      problems = e.problems().stream();
    }
    return problems.map(problem -> problem.toString().replace(folder + "/", "")).toList();
  }
}
