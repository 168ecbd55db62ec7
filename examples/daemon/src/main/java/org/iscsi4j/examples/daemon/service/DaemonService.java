package org.iscsi4j.examples.daemon.service;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.examples.daemon.LunSpec;
import org.iscsi4j.examples.daemon.config.ConfigException;
import org.iscsi4j.examples.daemon.config.MediumSpec;
import org.iscsi4j.target.IscsiServer;

/**
 * What can be asked of a running daemon: by the control channel, the status page and signals. Any
 * thread; what changes something takes its time, and one change waits for another.
 */
public interface DaemonService {

  /** The server, for what is not said here: sessions, snapshots, statistics. */
  IscsiServer server();

  /** What is served, by target and number. */
  List<ServedLun> luns();

  /** The unit of a target and a number. */
  Optional<ServedLun> lun(IscsiName target, int number);

  /**
   * Reads the files again and applies what is different.
   *
   * @return what was changed, a line each, for people
   * @throws ConfigException when they can't be served; nothing has changed
   * @throws IOException when something they name can't be opened or bound; nothing has changed
   */
  List<String> reload() throws ConfigException, IOException;

  /**
   * Puts the medium back that a removable unit had or was given last.
   *
   * @throws IOException with what is wrong, for the one who asked
   */
  void load(ServedLun lun) throws IOException;

  /** Takes the medium of a removable unit out, even if an initiator has locked it in. */
  void unload(ServedLun lun) throws IOException;

  /** Replaces the medium of a removable unit, by a file inside the media directory. */
  void change(ServedLun lun, MediumSpec medium) throws IOException;

  /** Resets a unit and opens its file or device anew. */
  void reset(ServedLun lun) throws IOException;

  /** Serves one more unit of a target, until the next start. */
  void add(IscsiName target, int number, LunSpec spec) throws IOException;

  /** Serves a unit no more, until the next start or reload that brings it back. */
  void remove(ServedLun lun) throws IOException;

  /**
   * Makes a disk larger or smaller; its initiators are told.
   *
   * @param bytes the new size, a multiple of the block length
   */
  void resize(ServedLun lun, long bytes) throws IOException;

  /** Ends the daemon cleanly, as SIGTERM does; returns at once. */
  void stop();
}
