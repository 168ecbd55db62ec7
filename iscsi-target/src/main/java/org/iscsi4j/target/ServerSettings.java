package org.iscsi4j.target;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.iscsi4j.api.LoginRedirect;
import org.iscsi4j.api.Portal;
import org.iscsi4j.api.ServerListener;
import org.iscsi4j.api.SessionSettings;
import org.iscsi4j.api.StateStore;
import org.iscsi4j.api.Target;
import org.iscsi4j.api.access.Chap;
import org.iscsi4j.api.access.Limits;
import org.iscsi4j.api.access.TargetResolver;
import org.iscsi4j.api.monitor.CommandListener;

/** What a server was built with; see {@link IscsiServerBuilder} for the meaning of each part. */
record ServerSettings(
    String name,
    List<Portal> portals,
    List<Target> targets,
    List<ServerListener> listeners,
    Optional<CommandListener> commandListener,
    Optional<Chap> chap,
    LoginRules.Discovering discovering,
    Optional<TargetResolver> resolver,
    LoginRedirect redirect,
    Optional<Executor> executor,
    StateStore stateStore,
    int eventLoops,
    Duration drainTimeout,
    Limits limits,
    SessionSettings sessions,
    Duration abortTimeout,
    boolean reportUnitAttentions) {}
