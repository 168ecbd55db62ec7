package org.iscsi4j.examples.daemon.config;

import org.iscsi4j.api.access.InitiatorGroup;

/** [InitiatorGroupN]: InitiatorName and Netmask lines. */
public record InitiatorGroupSection(int number, InitiatorGroup initiators) {}
