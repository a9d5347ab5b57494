/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.jms;

import io.millrace.api.Backoff;
import io.millrace.api.BareUnit;
import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.ConfigurationException;
import io.millrace.api.JmsConverterOptions;
import io.millrace.api.Option;
import io.millrace.api.OptionGroup;
import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.api.SourceOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Options of the JMS source. Immutable. */
@Component(
    kind = ComponentKind.SOURCE,
    name = "jms",
    flumeClasses = "org.apache.flume.source.jms.JMSSource",
    summary =
        "Receives the messages of a queue or topic of a JMS broker, by a client of javax.jms or of"
            + " jakarta.jms in plugins.d/jms/libext. A message leaves the broker when the channels"
            + " have its events.")
public record JmsSourceOptions(
    @OptionGroup JndiOptions jndi,
    @Option(
            doc = "Name of the queue or topic, or its JNDI name with destinationLocator = JNDI.",
            required = true)
        String destinationName,
    @Option(doc = "Whether it is a queue or a topic.", required = true)
        DestinationType destinationType,
    @Option(
            doc =
                "CDI takes destinationName for the name at the broker, JNDI for one to look up at"
                    + " the context factory.",
            def = "CDI")
        DestinationLocator destinationLocator,
    @Option(doc = "JMS expression that messages must match; without it all are received.")
        Optional<String> messageSelector,
    @Option(doc = "User at the broker and at the context factory.") Optional<String> userName,
    @Option(doc = "File with the password, in UTF-8; blanks around it do not count.")
        Optional<Path> passwordFile,
    @Option(doc = "Most messages in a transaction.", def = "100", min = 1, max = 100_000)
        int batchSize,
    @Option(
            doc = "Longest wait for the first message of a transaction; 0 for no limit.",
            def = "1000",
            min = 0,
            bareUnit = BareUnit.MILLISECONDS)
        Duration pollTimeout,
    @Option(
            doc =
                "Errors of the client in a row after which the connection is made anew; a lost"
                    + " connection is made anew at once.",
            def = "10",
            min = 0)
        int errorThreshold,
    @Option(name = "converter.type", doc = "What makes events of messages.", def = "DEFAULT")
        JmsConverterOptions converter,
    @Option(
            doc = "Tries to convert a message by a converter that fails, before it is set aside.",
            def = "3",
            min = 1,
            max = 1000)
        int conversionAttempts,
    @Option(
            doc =
                "Queue of the same broker to which messages are moved that cannot become events;"
                    + " none to count them and leave them out.",
            def = "millrace.rejected")
        String rejectedQueue,
    @Option(doc = "Whether the subscription of a topic outlives the agent.", def = "false")
        boolean createDurableSubscription,
    @Option(doc = "JMS client id of the connection.") Optional<String> clientId,
    @Option(doc = "Name of the durable subscription.") Optional<String> durableSubscriptionName,
    @Option(
            doc = "First pause after a failure of the broker or the channels; it doubles.",
            def = "1000",
            min = 1,
            bareUnit = BareUnit.MILLISECONDS)
        Duration backoffSleepIncrement,
    @Option(doc = "Longest such pause.", def = "5000", min = 1, bareUnit = BareUnit.MILLISECONDS)
        Duration maxBackoffSleep)
    implements SourceOptions {
  /** What the destination is. */
  public enum DestinationType {
    QUEUE,
    TOPIC
  }

  /** How the destination is found. */
  public enum DestinationLocator {
    CDI,
    JNDI
  }

  private static final String NO_QUEUE = "none";

  public JmsSourceOptions {
    if (destinationLocator == DestinationLocator.JNDI) {
      JndiOptions.refuse("destinationName", JndiRules.complaintOfName(destinationName));
    }
    if (createDurableSubscription) {
      if (destinationType != DestinationType.TOPIC) {
        throw new ConfigurationException(
            "createDurableSubscription",
            "true for a queue (expected: destinationType = topic; a queue keeps its messages"
                + " anyway)");
      }
      if (clientId.isEmpty()) {
        throw new ConfigurationException(
            "clientId", "is not set (expected: a client id, with createDurableSubscription)");
      }
      if (durableSubscriptionName.isEmpty()) {
        throw new ConfigurationException(
            "durableSubscriptionName",
            "is not set (expected: a name, with createDurableSubscription)");
      }
    }
    if (passwordFile.isPresent() && userName.isEmpty()) {
      throw new ConfigurationException(
          "userName", "is not set (expected: a user name, with passwordFile)");
    }
    if (rejectedQueue.equals(destinationName) && destinationType == DestinationType.QUEUE) {
      throw new ConfigurationException(
          "rejectedQueue",
          "'" + rejectedQueue + "' is the queue that is read (expected: another, or none)");
    }
  }

  @Override
  public Map<String, String> ineffective() {
    Map<String, String> ineffective = new LinkedHashMap<>();
    if (!createDurableSubscription && durableSubscriptionName.isPresent()) {
      ineffective.put("durableSubscriptionName", "createDurableSubscription is false");
    }
    return ineffective;
  }

  /** Where messages go that cannot become events; empty when they are left out. */
  Optional<String> queueOfRejected() {
    return rejectedQueue.equalsIgnoreCase(NO_QUEUE) ? Optional.empty() : Optional.of(rejectedQueue);
  }

  Backoff backoff() {
    return new Backoff(
        backoffSleepIncrement,
        maxBackoffSleep.compareTo(backoffSleepIncrement) < 0
            ? backoffSleepIncrement
            : maxBackoffSleep);
  }

  @Override
  public Source build(SourceContext context) {
    return new JmsSource(context, this);
  }
}
