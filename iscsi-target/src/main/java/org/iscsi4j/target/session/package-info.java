/**
 * The full feature phase: sessions, the command window, tasks and the transfer of their data. A
 * session and everything below it is touched by its loop alone; only {@link
 * org.iscsi4j.target.session.SessionRegistry} is shared.
 *
 * <pre>
 *  FullFeaturePhase → CommandWindow → IscsiTask → (scsi-engine) → DataInTransfer / SCSI Response
 *                                         ↑ WriteTransfer: immediate, unsolicited, R2T
 * </pre>
 *
 * <h2>What becomes of an error</h2>
 *
 * <p>RFC 7143 leaves to a target whether it answers a fault of the protocol or ends the session
 * (sections 7.7 to 7.14). Here whatever leaves the framing sound is answered and ends nothing else:
 *
 * <table>
 * <caption>Faults at ErrorRecoveryLevel 0</caption>
 * <tr><th>fault</th><th>answer</th></tr>
 * <tr><td>header digest, DataSegmentLength beyond the limit, a connection that is lost</td>
 *     <td>the session ends</td></tr>
 * <tr><td>data digest of a command or of its data</td>
 *     <td>Reject 02h, then CHECK CONDITION 0Bh/47h/05h when its last unsolicited data came</td></tr>
 * <tr><td>data digest of another request</td>
 *     <td>Reject 02h; its CmdSN counts as received, so that nothing waits for it</td></tr>
 * <tr><td>SNACK</td><td>Reject 03h</td></tr>
 * <tr><td>Login Request, or a request that a discovery session may not send</td>
 *     <td>Reject 04h</td></tr>
 * <tr><td>opcode that is not an initiator's</td><td>Reject 05h</td></tr>
 * <tr><td>too many immediate commands</td><td>Reject 06h</td></tr>
 * <tr><td>tag of a command that is outstanding</td>
 *     <td>Reject 07h; that command goes on</td></tr>
 * <tr><td>field that makes no sense: reserved tag or attribute, data or length without its
 *     direction, additional header segments, LUN or tag of a Data-Out PDU</td>
 *     <td>Reject 09h; its CmdSN counts as received, and a command that is outstanding goes on</td>
 *     </tr>
 * <tr><td>unsolicited data that was not agreed on, or Data-Out PDUs out of order or of a wrong
 *     length</td><td>CHECK CONDITION 0Bh/0Ch of the command, nothing else</td></tr>
 * <tr><td>CmdSN outside the window, or that came before</td><td>none, see
 *     {@code CommandWindow}</td></tr>
 * </table>
 *
 * <table>
 * <caption>What is different at ErrorRecoveryLevel 1 and 2</caption>
 * <tr><th>fault</th><th>answer</th></tr>
 * <tr><td>header digest, or a connection that is lost</td>
 *     <td>the connection ends; its commands end with it at level 1, and wait to be reassigned at
 *     level 2, see {@code LostConnections}</td></tr>
 * <tr><td>data digest of Data-Out, or a DataSN that is missing</td>
 *     <td>Reject 02h for the former, and an R2T for what is missing, see
 *     {@code WriteTransfer}</td></tr>
 * <tr><td>data digest of another request</td>
 *     <td>Reject 02h; its turn waits until the initiator sends it again</td></tr>
 * <tr><td>SNACK</td><td>what it asks for, as far as it is kept, see {@code SentLog}</td></tr>
 * </table>
 */
package org.iscsi4j.target.session;
