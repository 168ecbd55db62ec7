package org.iscsi4j.examples.benchmarks;

import org.iscsi4j.scsi.DeviceServer;
import org.iscsi4j.scsi.Nexus;
import org.iscsi4j.scsi.TargetPort;
import org.iscsi4j.scsi.TaskRouter;

/** A nexus of one thread and one task at a time. */
final class LoopbackNexus extends Nexus {

  LoopbackNexus(TaskRouter router) {
    super("initiator", new TargetPort("target", "target,t,0x0001", 1, 1), router);
  }

  @Override
  protected void execute(Runnable work) {
    work.run();
  }

  @Override
  protected boolean abortTasks(DeviceServer unit, boolean answered, Runnable settled) {
    settled.run();
    return false;
  }
}
