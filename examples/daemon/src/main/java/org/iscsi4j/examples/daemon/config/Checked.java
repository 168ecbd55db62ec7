package org.iscsi4j.examples.daemon.config;

import java.util.List;

/**
 * What a file says, when it can be used.
 *
 * @param warnings what its writer should know all the same
 */
public record Checked<T>(T value, List<Problem> warnings) {}
