/**
 * Threads, sockets' readiness, timers and buffers: everything that has a clock or a selector.
 * Nothing here knows iSCSI.
 */
package org.iscsi4j.target.loop;
