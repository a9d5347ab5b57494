/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.jms;

import io.millrace.api.ConfigurationException;
import io.millrace.api.Option;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Options that say where the connection factory comes from. Immutable. */
public record JndiOptions(
    @Option(doc = "JNDI context factory of the client's provider.", required = true)
        String initialContextFactory,
    @Option(doc = "JNDI name of the connection factory.", def = "ConnectionFactory")
        String connectionFactory,
    @Option(
            name = "providerURL",
            doc = "URL of the broker, or what else the context factory takes for it.",
            required = true)
        String providerUrl,
    @Option(
            name = "allowedContextFactories",
            doc =
                "Context factories that may be used. Those of the JDK are refused even when listed.",
            def =
                "org.apache.activemq.artemis.jndi.ActiveMQInitialContextFactory"
                    + " org.apache.activemq.jndi.ActiveMQInitialContextFactory"
                    + " org.apache.qpid.jms.jndi.JmsInitialContextFactory")
        List<String> allowedContextFactories,
    @Option(
            name = "allowedUrlSchemes",
            doc =
                "Schemes that URLs of the broker may have, those within others included. java, ldap,"
                    + " rmi, iiop, http, file and the like are refused even when listed.",
            def =
                "tcp ssl nio nio+ssl auto auto+ssl auto+nio auto+nio+ssl failover amqp amqps amqpws"
                    + " amqpwss")
        List<String> allowedUrlSchemes,
    @Option(
            name = "jndi.*",
            doc = "More settings for the context factory, such as jndi.connectionFactory.NAME.")
        Map<String, String> settings) {
  /** System property of Apache Flume that adds to the schemes, set apart by commas. */
  private static final String FLUME_PROTOCOLS = "JndiAllowedProtocols";

  public JndiOptions {
    allowedContextFactories = List.copyOf(allowedContextFactories);
    allowedUrlSchemes = List.copyOf(allowedUrlSchemes);
    settings = Map.copyOf(settings);
    JndiRules rules = rules(allowedContextFactories, allowedUrlSchemes);
    refuse("initialContextFactory", rules.complaintOfFactory(initialContextFactory));
    refuse("providerURL", rules.complaintOfUrl(providerUrl));
    refuse("connectionFactory", JndiRules.complaintOfName(connectionFactory));
    settings.forEach(
        (key, value) -> {
          refuse("jndi." + key, JndiRules.complaintOfKey(key));
          refuse("jndi." + key, rules.complaintOfUrl(value));
        });
  }

  private static JndiRules rules(List<String> factories, List<String> schemes) {
    Set<String> all = new LinkedHashSet<>(schemes);
    Arrays.stream(System.getProperty(FLUME_PROTOCOLS, "").split(","))
        .map(String::trim)
        .filter(scheme -> !scheme.isEmpty())
        .forEach(all::add);
    return new JndiRules(Set.copyOf(factories), all);
  }

  static void refuse(String option, Optional<String> complaint) {
    complaint.ifPresent(
        text -> {
          throw new ConfigurationException(option, text);
        });
  }
}
