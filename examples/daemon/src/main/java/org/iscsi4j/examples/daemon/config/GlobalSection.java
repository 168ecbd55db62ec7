package org.iscsi4j.examples.daemon.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * [Global].
 *
 * @param pidFile empty for None, which is our own word; istgt always writes one
 * @param authFile the secrets, read anew whenever somebody has to prove who he is
 * @param mediaDirectory the only directory from which media may be loaded by the control channel
 * @param timeout for what a peer owes: data of a write, answers to pings; 0 for as long as it takes
 * @param nopInInterval silence after which an initiator is asked whether it is there; 0 for never
 * @param discovery who may discover
 * @param maxSessions sessions at once, 1 to 65,535; istgt sizes the queue of each unit by it, and
 *     holds nobody to it
 * @param maxR2t R2Ts of a session under way at once, 0 to 256
 * @param keys what is offered in login, unless a unit says otherwise; none of them is empty
 */
public record GlobalSection(
    String nodeBase,
    Optional<Path> pidFile,
    Path authFile,
    Path mediaDirectory,
    String logFacility,
    Duration timeout,
    Duration nopInInterval,
    AuthRule discovery,
    int maxSessions,
    int maxR2t,
    SessionKeys keys) {}
