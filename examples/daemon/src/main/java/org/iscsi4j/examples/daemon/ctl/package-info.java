/** The control channel's client: istgtcontrol's manners, and what goes beyond them. */
package org.iscsi4j.examples.daemon.ctl;
