/**
 * A SCSI target device without a transport: task router, device servers and the command sets of SPC
 * and SBC over a {@link org.iscsi4j.api.BlockDevice}. It knows no PDU, socket or session.
 *
 * <h2>The path of a command</h2>
 *
 * A transport fills a {@link org.iscsi4j.scsi.ScsiTask} and hands it to {@link
 * org.iscsi4j.scsi.TaskRouter#execute}. The router finds the logical unit's {@link
 * org.iscsi4j.scsi.DeviceServer}, which looks the CDB up in its command table, makes the checks
 * that the row asks for, and runs the row's handler. The handler asks the task for write data,
 * hands it a range of the device to send or a buffer, and ends it, once.
 *
 * <h2>Threads</h2>
 *
 * A {@link org.iscsi4j.scsi.Nexus} and its tasks belong to one thread, the one that runs what
 * {@link org.iscsi4j.scsi.Nexus#execute} takes; every method of a task is called there. A device
 * server is shared by many nexuses: what it owns is immutable, volatile, or guarded by its own
 * lock, which is never held across a device call. Calls to slow devices run on the executor, and
 * come back to the owner of their task before anything else happens.
 */
package org.iscsi4j.scsi;
