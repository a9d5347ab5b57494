/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.ConfigurationException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JndiRulesTest {
  private final JndiRules rules =
      new JndiRules(
          Set.of("com.example.Factory"), Set.of("tcp", "ssl", "failover", "AMQP", "ldap"));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tcp://mq.example.net:61616",
        "TCP://mq.example.net:61616?user=a&password=b",
        "(tcp://a:61616,tcp://b:61616)?ha=true",
        "failover:(tcp://a:61616,ssl://b:61617)?randomize=false",
        "tcp://a:61616,b:61616",
        "amqp://user:p%40ss@host:5672",
        "/etc/millrace/jndi.properties",
        "mq.example.net:61616"
      })
  void urlsOfBrokersAreAllowed(String url) {
    assertThat(rules.complaintOfUrl(url)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ldap://evil:389/x",
        "LDAP://evil:389/x",
        " rmi://evil/x",
        "iiop:evil",
        "java:comp/env/jms/cf",
        "http://evil/jndi.properties",
        "file:///etc/passwd",
        "file:relative",
        "jar:http://evil/x.jar!/y",
        "vm://localhost?brokerConfig=xbean:http://evil/x.xml",
        "tcp://ok:1?brokerConfig=xbean:x.xml",
        "failover:(tcp://ok:1,vm:(broker:(tcp://x:2)))",
        "failover:(tcp://ok:1,ldap:evil)",
        "failover:(tcp://ok:1, rmi://evil/x)",
        "tcp://ok:1?x=ldap%3A%2F%2Fevil%2Fx",
        "tcp://ok:1?x=ldap%253A%252F%252Fevil",
        "tcp://ok:1?x=ldap%25253A%25252F%25252Fevil",
        "tcp://ok:1?x=ldap%2525253A%2525252F%2525252Fevil",
        "tcp://ok:1?a=b#rmi://evil"
      })
  void urlsOfNamingServicesAndFilesAreRefusedWhereverTheyStand(String url) {
    assertThat(rules.complaintOfUrl(url)).isPresent();
  }

  @Test
  void whatIsRefusedForGoodIsRefusedThoughListed() {
    assertThat(rules.complaintOfUrl("ldap://a").orElseThrow()).contains("never followed");
    assertThat(
            new JndiRules(Set.of("com.sun.jndi.ldap.LdapCtxFactory"), Set.of())
                .complaintOfFactory("com.sun.jndi.ldap.LdapCtxFactory")
                .orElseThrow())
        .contains("never used");
  }

  @Test
  void aFactoryThatIsNotListedIsAnsweredWithTheOptionThatListsIt() {
    assertThat(rules.complaintOfFactory("com.example.Factory")).isEmpty();
    assertThat(rules.complaintOfFactory("com.example.Other").orElseThrow())
        .contains("com.example.Other", "com.example.Factory", "allowedContextFactories");
  }

  @Test
  void namesAreNeverUrls() {
    assertThat(JndiRules.complaintOfName("dynamicQueues/orders")).isEmpty();
    for (String name : List.of("ldap://evil/x", "java:comp/x", "rmi:x", "a/ldap:x")) {
      assertThat(JndiRules.complaintOfName(name)).as(name).isPresent();
    }
  }

  @Test
  void settingsThatSteerTheLookupAreRefused() {
    for (String key :
        List.of(
            "java.naming.factory.object",
            "java.naming.factory.url.pkgs",
            "JAVA.naming.provider.url",
            "com.sun.jndi.ldap.object.trustURLCodebase")) {
      assertThat(JndiRules.complaintOfKey(key)).as(key).isPresent();
    }
    assertThat(JndiRules.complaintOfKey("connectionFactory.cf")).isEmpty();
  }

  @Test
  void theOptionsSayWhichOfThemIsAtFault() {
    assertOption(opts -> opts.url = "rmi://evil/x", "providerURL");
    assertOption(
        opts -> opts.contextFactory = "com.sun.jndi.rmi.registry.R", "initialContextFactory");
    assertOption(opts -> opts.connectionFactory = "ldap://evil/x", "connectionFactory");
    assertOption(opts -> opts.jndi = Map.of("queue.q", "ldap://evil/x"), "jndi.queue.q");
    assertOption(
        opts -> {
          opts.locator = JmsSourceOptions.DestinationLocator.JNDI;
          opts.destination = "ldap://evil/x";
        },
        "destinationName");
    assertOption(
        opts -> {
          opts.type = JmsSourceOptions.DestinationType.TOPIC;
          opts.isDurable = true;
        },
        "clientId");
    assertOption(opts -> opts.isDurable = true, "createDurableSubscription");
    assertOption(opts -> opts.rejectedQueue = opts.destination, "rejectedQueue");
    assertOption(
        opts -> opts.passwordFile = java.util.Optional.of(java.nio.file.Path.of("pw")), "userName");
  }

  private static void assertOption(java.util.function.Consumer<Opts> change, String option) {
    Opts opts = new Opts("tcp://127.0.0.1:1");
    change.accept(opts);
    assertThatThrownBy(opts::build)
        .isInstanceOf(ConfigurationException.class)
        .extracting(e -> ((ConfigurationException) e).option())
        .isEqualTo(option);
  }
}
