package org.iscsi4j.scsi;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The values of all mode pages of a unit at one time. Immutable: who reads one such object sees
 * values that belong together, and the path of READ and WRITE reads them by a single volatile read.
 */
final class ModeParameters {

  private static final int KEEPS_ATTENTIONS = 0x02;
  private static final int TELLS_OF_STATUS = 0x03;

  private final Map<ModePage, byte[]> values;
  private final boolean writesThrough;
  private final boolean reportsThresholds;
  private final boolean descriptorSense;
  private final boolean softwareWriteProtect;
  private final boolean taskAbortedStatus;
  private final boolean taskSetPerNexus;
  private final int queueErrorManagement;
  private final int unitAttentionInterlock;

  private ModeParameters(Map<ModePage, byte[]> values, boolean writingThrough) {
    this.values = values;
    byte[] control = values(ControlPage.CODE, 0);
    writesThrough =
        writingThrough
            || page(CachingPage.CODE, 0)
                .filter(page -> CachingPage.writesThrough(page, values.get(page)))
                .isPresent();
    reportsThresholds =
        page(RecoveryPage.CODE, 0)
            .filter(page -> RecoveryPage.reportsThresholds(values.get(page)))
            .isPresent();
    descriptorSense = ControlPage.descriptorSense(control);
    softwareWriteProtect = ControlPage.softwareWriteProtect(control);
    taskAbortedStatus = ControlPage.taskAbortedStatus(control);
    taskSetPerNexus = ControlPage.taskSetType(control) == ControlPage.PER_NEXUS;
    queueErrorManagement = ControlPage.queueErrorManagement(control);
    unitAttentionInterlock = ControlPage.unitAttentionInterlock(control);
  }

  /** The default values. */
  static ModeParameters defaults(List<ModePage> pages) {
    Map<ModePage, byte[]> values = new LinkedHashMap<>();
    pages.forEach(page -> values.put(page, page.defaults()));
    return new ModeParameters(values, false);
  }

  /** The same with other values of one page. */
  ModeParameters with(ModePage page, byte[] proposed) {
    Map<ModePage, byte[]> changed = new LinkedHashMap<>(values);
    changed.put(page, proposed.clone());
    return new ModeParameters(changed, false);
  }

  /** The same values, and every write is durable although they may say that it need not be. */
  ModeParameters writingThrough() {
    return new ModeParameters(values, true);
  }

  /** A page by its codes. */
  Optional<ModePage> page(int code, int subpage) {
    return values.keySet().stream()
        .filter(page -> page.code() == code && page.subpage() == subpage)
        .findFirst();
  }

  /** The values of a page, behind its header. */
  byte[] values(ModePage page) {
    return values.get(page).clone();
  }

  /** As {@link #values(ModePage)}, for a page that the unit is known to have. */
  byte[] values(int code, int subpage) {
    return page(code, subpage).map(this::values).orElseThrow();
  }

  /** The pages that have other values here than there. */
  List<ModePage> differing(ModeParameters other) {
    return values.keySet().stream()
        .filter(page -> !Arrays.equals(values.get(page), other.values.get(page)))
        .toList();
  }

  /** All pages that can be saved, one behind the other, each with its header. */
  byte[] encode() {
    ByteArrayOutputStream out = new ByteArrayOutputStream(256);
    values.forEach(
        (page, bytes) -> {
          if (page.saveable()) {
            page.encode(bytes, out);
          }
        });
    return out.toByteArray();
  }

  // ---- what they mean

  /** Whether GOOD says that a change of the medium is durable: WCE is 0 and could be 1. */
  boolean writesThrough() {
    return writesThrough;
  }

  /** LBPERE: whether thresholds of logical block provisioning are told. */
  boolean reportsThresholds() {
    return reportsThresholds;
  }

  /** D_SENSE: whether sense data goes out in descriptor format. */
  boolean descriptorSense() {
    return descriptorSense;
  }

  /** SWP: whether commands that change the medium are refused. */
  boolean softwareWriteProtect() {
    return softwareWriteProtect;
  }

  /** TAS: whether a command that another nexus ended is answered, with TASK ABORTED. */
  boolean taskAbortedStatus() {
    return taskAbortedStatus;
  }

  /** TST: whether each nexus has a task set of its own. */
  boolean taskSetPerNexus() {
    return taskSetPerNexus;
  }

  /**
   * QERR: what becomes of the other commands after a CHECK CONDITION; 0 they go on, 1 all are
   * ended, 3 those of the same nexus are ended.
   */
  int queueErrorManagement() {
    return queueErrorManagement;
  }

  /** UA_INTLCK_CTRL 10b or 11b: a unit attention stands until REQUEST SENSE takes it. */
  boolean keepsUnitAttentions() {
    return (unitAttentionInterlock & KEEPS_ATTENTIONS) != 0;
  }

  /** UA_INTLCK_CTRL 11b: BUSY, TASK SET FULL and RESERVATION CONFLICT leave a unit attention. */
  boolean tellsOfStatus() {
    return unitAttentionInterlock == TELLS_OF_STATUS;
  }
}
