/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.components.testing.FaultySource.Fault;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each test of the contract fails when a source breaks what it is about, and only then. */
@Timeout(120)
class SourceContractTest {
  /** Of one test of the contract. */
  @FunctionalInterface
  private interface ContractTest {
    void run(SourceContract contract) throws Exception;
  }

  private static Arguments test(String name, ContractTest test) {
    return Arguments.of(name, test);
  }

  private static Arguments fault(Fault fault, boolean isAnswered, ContractTest test) {
    return Arguments.of(fault, isAnswered, test);
  }

  static Stream<Arguments> all() {
    return Stream.of(
        test("arrives", SourceContract::whatIsOfferedArrivesOnce),
        test("start and stop", SourceContract::startAndStopComeInAnyOrder),
        test("full", SourceContract::nothingIsLostWhileTheChannelsAreFull),
        test("restart", SourceContract::nothingIsLostWhenItIsRestartedInTheMiddle),
        test("silent", SourceContract::aStopEndsInTimeThoughTheChannelsDoNotAnswer),
        test("garbage", SourceContract::badInputHarmsNoGoodInput),
        test("flood", SourceContract::aFloodWaitsOutsideWithinABound));
  }

  static Stream<Arguments> faults() {
    ContractTest arrives = SourceContract::whatIsOfferedArrivesOnce;
    ContractTest startAndStop = SourceContract::startAndStopComeInAnyOrder;
    ContractTest full = SourceContract::nothingIsLostWhileTheChannelsAreFull;
    ContractTest restart = SourceContract::nothingIsLostWhenItIsRestartedInTheMiddle;
    ContractTest silent = SourceContract::aStopEndsInTimeThoughTheChannelsDoNotAnswer;
    ContractTest garbage = SourceContract::badInputHarmsNoGoodInput;
    ContractTest flood = SourceContract::aFloodWaitsOutsideWithinABound;
    return Stream.of(
        fault(Fault.LOSES_EACH_TENTH, true, arrives),
        fault(Fault.EMITS_TWICE, true, arrives),
        fault(Fault.INVENTS_EVENTS, true, arrives),
        fault(Fault.ANSWERS_BEFORE_THE_CHANNELS, true, full),
        fault(Fault.STOPS_ONLY_ONCE, true, startAndStop),
        fault(Fault.STOPS_ONLY_AFTER_A_START, true, startAndStop),
        fault(Fault.GOES_ON_AFTER_ITS_STOP, true, startAndStop),
        fault(Fault.IS_DEAF_AFTER_A_RESTART, true, restart),
        fault(Fault.IS_DEAF_AFTER_A_RESTART, true, silent),
        fault(Fault.WAITS_FOR_THE_CHANNELS_WHEN_IT_STOPS, true, silent),
        fault(Fault.DIES_OF_GARBAGE, true, garbage),
        fault(Fault.HAS_NO_BOUND, true, flood),
        // Whose senders are told nothing owes nothing by any answer.
        fault(Fault.LOSES_EACH_TENTH, false, arrives),
        fault(Fault.ANSWERS_BEFORE_THE_CHANNELS, false, full),
        fault(Fault.GOES_ON_AFTER_ITS_STOP, false, startAndStop),
        fault(Fault.IS_DEAF_AFTER_A_RESTART, false, restart),
        fault(Fault.IS_DEAF_AFTER_A_RESTART, false, silent),
        fault(Fault.DIES_OF_GARBAGE, false, garbage),
        fault(Fault.HAS_NO_BOUND, false, flood));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("all")
  void aSourceThatKeepsItPasses(String name, ContractTest test) throws Exception {
    for (boolean isAnswered : new boolean[] {true, false}) {
      Contract contract = new Contract(Fault.NONE, isAnswered, Duration.ofSeconds(60));
      contract.makeFixture();
      test.run(contract);
      contract.stopAll();
    }
  }

  @ParameterizedTest(name = "{0}, answered: {1}")
  @MethodSource("faults")
  void aSourceThatBreaksItFails(Fault fault, boolean isAnswered, ContractTest test)
      throws Exception {
    Contract contract = new Contract(fault, isAnswered, Duration.ofSeconds(1));
    contract.makeFixture();
    assertThatThrownBy(() -> test.run(contract))
        .matches(SourceContractTest::isWhatAFaultLeadsTo, "says that the contract is broken");
    try {
      contract.stopAll();
    } catch (FaultySource.StopFault e) {
      assertThat(fault).isIn(Fault.STOPS_ONLY_ONCE, Fault.STOPS_ONLY_AFTER_A_START);
    }
  }

  private static boolean isWhatAFaultLeadsTo(Throwable thrown) {
    return thrown instanceof AssertionError
        || thrown instanceof ConditionTimeoutException
        || thrown instanceof FaultySource.StopFault;
  }

  private static final class Contract extends SourceContract {
    private final Fault fault;
    private final boolean isAnswered;
    private final Duration patience;

    Contract(Fault fault, boolean isAnswered, Duration patience) {
      this.fault = fault;
      this.isAnswered = isAnswered;
      this.patience = patience;
    }

    @Override
    protected Duration patience() {
      return patience;
    }

    @Override
    protected Duration stopLimit() {
      return fault == Fault.NONE ? Duration.ofSeconds(30) : Duration.ofSeconds(1);
    }

    @Override
    protected SourceFixture fixture(Path directory) {
      return new Fixture(fault, isAnswered);
    }
  }

  /** Calls the source that was built last. Safe for many threads. */
  private static final class Fixture implements SourceFixture {
    private final Fault fault;
    private final boolean isAnswered;
    private volatile FaultySource source;

    Fixture(Fault fault, boolean isAnswered) {
      this.fault = fault;
      this.isAnswered = isAnswered;
    }

    @Override
    public Source build(SourceContext context) {
      source = new FaultySource(fault, context.output(), source == null || !source.wasStarted());
      return source;
    }

    @Override
    public Set<String> offer(List<String> bodies) throws IOException {
      Set<String> taken = source.offer(bodies, isAnswered);
      return isAnswered ? taken : Set.of();
    }

    @Override
    public void offerGarbage() {
      source.garbage();
    }

    @Override
    public boolean isUnanswered() {
      return !isAnswered;
    }

    @Override
    public long maxBytesInFlight() {
      return FaultySource.MAX_BYTES_IN_FLIGHT;
    }
  }
}
