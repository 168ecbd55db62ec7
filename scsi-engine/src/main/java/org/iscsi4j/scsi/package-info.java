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
 *
 * <h2>Who waits for whom</h2>
 *
 * A command passes four places where it may have to wait, always in this order, so that nobody
 * waits in a circle:
 *
 * <ol>
 *   <li>The {@code TaskSet} of its nexus in the unit, until its task attribute lets it start. An
 *       ORDERED command takes the {@code OrderedGate} of the unit, which asks the other nexuses,
 *       each on its own thread, to fall quiet.
 *   <li>The {@code RateLimiter}s of its initiator and of its unit, if it moves data of the medium.
 *       It is in the task set by then, and younger ORDERED commands wait for it; it holds no
 *       buffer, and is checked anew when it goes on. One of HEAD OF QUEUE waits like any other,
 *       with those behind it that wait for it, and an ORDERED one has the unit for itself
 *       meanwhile. Time alone ends this wait, so that a copy may come here, for each of its steps,
 *       with its ranges in hand.
 *   <li>The {@code RangeLocks} of the device, until no other command is changing its ranges; taken
 *       once, before the first change, and given back when the command has ended and its last
 *       device call is back.
 *   <li>The {@code Lane} of the device, for a call that is not made in place.
 * </ol>
 *
 * <p>What runs without a command, such as a sanitize operation or a copy in the background, takes
 * its ranges and its calls in the same places. The path of a READ or WRITE in place meets none of
 * this but volatile reads, and two volatile writes of the thread's own.
 */
package org.iscsi4j.scsi;
