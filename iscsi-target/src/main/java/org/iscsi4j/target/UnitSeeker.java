package org.iscsi4j.target;

import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.iscsi4j.api.Identity;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.access.Initiator;
import org.iscsi4j.api.access.LogicalUnitResolver;
import org.iscsi4j.api.access.ResolutionException;
import org.iscsi4j.scsi.DeviceServer;
import org.iscsi4j.scsi.Nexus;
import org.iscsi4j.scsi.UnitFinder;
import org.iscsi4j.target.limit.HostFailures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds a unit through the host's resolver. Its device server is made on the executor, since that
 * may block.
 */
record UnitSeeker(
    LogicalUnitResolver source,
    IscsiName target,
    int lun,
    Initiator initiator,
    UnitServers units,
    Executor executor)
    implements UnitFinder {

  private static final Logger log = LoggerFactory.getLogger(UnitSeeker.class);

  @Override
  public void find(Nexus nexus, int number, Consumer<Found> then) {
    CompletionStage<LogicalUnit> answer = source.resolve(target, lun, initiator);
    answer.whenComplete(
        (unit, failure) -> {
          try {
            executor.execute(() -> then.accept(failure == null ? serve(unit) : failed(failure)));
          } catch (RejectedExecutionException closed) {
            giveBack(unit);
            then.accept(Found.UNAVAILABLE);
          }
        });
  }

  private Found serve(LogicalUnit unit) {
    try {
      DeviceServer server = units.take(unit, identity(target, lun), source);
      return Found.unit(server);
    } catch (RuntimeException e) {
      giveBack(unit);
      return failed(e);
    }
  }

  /** What can't be served is not used: whoever opened it must be able to close it. */
  private void giveBack(LogicalUnit unit) {
    if (unit != null) {
      units.giveBack(unit, source);
    }
  }

  private Found failed(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    if (cause instanceof ResolutionException known) {
      log.debug("LUN {} of {} for {}: {}", lun, target, initiator.name(), known.getMessage());
      return switch (known.kind()) {
        case NOT_FOUND, REMOVED -> Found.NOT_FOUND;
        case FORBIDDEN -> Found.FORBIDDEN;
        case UNAVAILABLE -> Found.UNAVAILABLE;
      };
    }
    HostFailures.warn(
        log, "LUN {} of {} for {} can't be found", lun, target, initiator.name(), cause);
    return Found.UNAVAILABLE;
  }

  @Override
  public void released(DeviceServer unit) {
    units.release(unit.unit());
  }

  /** Who a unit is that does not say so itself. */
  static Identity identity(IscsiName target, int lun) {
    return Identity.derivedFrom(target + ",lun," + lun);
  }
}
