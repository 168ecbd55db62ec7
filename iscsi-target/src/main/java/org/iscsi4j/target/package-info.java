/**
 * The iSCSI target: {@link org.iscsi4j.target.IscsiServer} listens on portals and serves targets.
 *
 * <h2>Threads</h2>
 *
 * A server has a few event loops, each one thread and one selector. A connection lives on one loop,
 * and everything that it owns is touched by that thread alone: reader, output, login, session,
 * command window, tasks, transfers, timers. All connections of a session live on the session's
 * loop; one that joins moves there at the end of its login. There are no locks on the path of a
 * command. What loops share, and who guards it:
 *
 * <ul>
 *   <li>the sessions of the server: {@code SessionRegistry}, a concurrent map;
 *   <li>a logical unit's state: its {@code DeviceServer} (module {@code org.iscsi4j.scsi}),
 *       volatile fields and its own lock, never held across a device call;
 *   <li>one loop's work for another: the loop's queue, by {@code EventLoop.execute}.
 * </ul>
 *
 * A device call runs on the loop when the device is quick, else on the executor; its completion
 * comes back to the loop through the queue. Methods of {@link org.iscsi4j.target.IscsiServer} may
 * be called from any thread.
 */
package org.iscsi4j.target;
