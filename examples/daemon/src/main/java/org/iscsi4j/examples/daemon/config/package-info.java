/** istgt's configuration files, read and checked. Knows no server. */
package org.iscsi4j.examples.daemon.config;
