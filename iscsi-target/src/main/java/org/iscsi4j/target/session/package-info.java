/**
 * The full feature phase: sessions, the command window, tasks and the transfer of their data. A
 * session and everything below it is touched by its loop alone; only {@link
 * org.iscsi4j.target.session.SessionRegistry} is shared.
 *
 * <pre>
 *  FullFeaturePhase → CommandWindow → IscsiTask → (scsi-engine) → DataInTransfer / SCSI Response
 *                                         ↑ WriteTransfer: immediate, unsolicited, R2T
 * </pre>
 */
package org.iscsi4j.target.session;
