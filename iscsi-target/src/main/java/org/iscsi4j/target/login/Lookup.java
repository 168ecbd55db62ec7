package org.iscsi4j.target.login;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.iscsi4j.protocol.LoginException;

/**
 * Something that a login needs before it can go on, and that the host has to find.
 *
 * @param stage gives it
 * @param found goes on with it
 * @param failed says what the initiator is told when there is none
 * @param unwanted takes it when it comes after the login has ended, on any thread
 */
record Lookup<T>(
    CompletionStage<T> stage, Found<T> found, Failed failed, Consumer<? super T> unwanted)
    implements LoginNegotiation.Outcome {

  /** What comes next when there is a value. */
  @FunctionalInterface
  interface Found<T> {
    LoginNegotiation.Outcome goOn(T value) throws LoginException;
  }

  /** What comes of a failure. */
  @FunctionalInterface
  interface Failed {
    LoginException refusal(Throwable why);
  }

  /** Asks the host; what it throws and what it forgets to give are failures as well. */
  static <T> CompletionStage<T> ask(Supplier<CompletionStage<T>> question) {
    try {
      return Objects.requireNonNull(question.get(), "no CompletionStage was given");
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** Goes on with what the stage was completed with. */
  LoginNegotiation.Outcome goOn(T value, Throwable failure) throws LoginException {
    if (failure != null) {
      throw failed.refusal(cause(failure));
    }
    if (value == null) {
      throw failed.refusal(new NullPointerException("the stage was completed with null"));
    }
    return found.goOn(value);
  }

  private static Throwable cause(Throwable failure) {
    boolean wrapped =
        failure instanceof CompletionException || failure instanceof ExecutionException;
    return wrapped && failure.getCause() != null ? failure.getCause() : failure;
  }
}
