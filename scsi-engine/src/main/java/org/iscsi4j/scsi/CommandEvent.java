package org.iscsi4j.scsi;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.StackTrace;
import org.iscsi4j.api.monitor.CommandInfo;

/** What the events about one command have in common. */
@Category("iSCSI")
@StackTrace(false)
@SuppressWarnings("unused") // fields are read by the recorder
abstract class CommandEvent extends Event {

  /** What a number is that the command does not have. */
  private static final long NONE = -1;

  @Label("Initiator Port")
  String initiatorPort;

  @Label("Target Port")
  String targetPort;

  @Label("LUN")
  int lun;

  @Label("Serial of the Logical Unit")
  String serial;

  @Label("Command")
  String command;

  @Label("Operation Code")
  int opcode;

  @Label("Service Action")
  @Description("-1 of an operation code that has none")
  int serviceAction;

  @Label("First Logical Block")
  @Description("-1 of a command that names no range")
  long lba;

  @Label("Logical Blocks")
  @Description("-1 of a command that names no range")
  long blocks;

  @Label("Data Moved")
  @DataAmount
  long bytes;

  @Label("Status")
  String status;

  @Label("Sense")
  @Description("Sense key, additional sense code and qualifier; empty without CHECK CONDITION")
  String sense;

  final void fill(CommandInfo info) {
    initiatorPort = info.ports().initiatorPort();
    targetPort = info.ports().targetPort();
    lun = info.lun();
    serial = info.serial();
    command = info.name();
    opcode = info.opcode();
    serviceAction = info.serviceAction();
    lba = info.lba().orElse(NONE);
    blocks = info.blocks().orElse(NONE);
    bytes = info.bytes();
    status = name(info.status());
    sense = info.sense().map(Object::toString).orElse("");
  }

  private static String name(int code) {
    for (Status each : Status.values()) {
      if (each.code() == code) {
        return each.name().replace('_', ' ');
      }
    }
    throw new IllegalArgumentException("no status has code " + code);
  }
}
