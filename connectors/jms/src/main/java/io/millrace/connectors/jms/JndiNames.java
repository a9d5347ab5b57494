/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.jms;

import java.util.Hashtable;
import java.util.Optional;
import javax.naming.Context;
import javax.naming.NamingException;
import javax.naming.spi.InitialContextFactory;

/**
 * The names of one context factory. The factory is made and asked directly, without {@code
 * InitialContext}: so neither system properties nor a {@code jndi.properties} somewhere on the
 * class path has a say, and no name is taken for a URL. Confined to the thread that connects.
 */
final class JndiNames implements AutoCloseable {
  private final Context context;

  private JndiNames(Context context) {
    this.context = context;
  }

  /** {@code options} have been held against the rules when they were made. */
  static JndiNames open(JndiOptions options, Optional<Credentials> credentials) throws JmsFailure {
    Hashtable<String, String> environment = new Hashtable<>(options.settings());
    environment.put(Context.INITIAL_CONTEXT_FACTORY, options.initialContextFactory());
    environment.put(Context.PROVIDER_URL, options.providerUrl());
    credentials.ifPresent(
        each -> {
          environment.put(Context.SECURITY_PRINCIPAL, each.userName());
          environment.put(Context.SECURITY_CREDENTIALS, each.password());
        });
    try {
      return new JndiNames(factory(options.initialContextFactory()).getInitialContext(environment));
    } catch (NamingException e) {
      throw new JmsFailure("the context factory " + options.initialContextFactory(), e);
    }
  }

  private static InitialContextFactory factory(String className) throws JmsFailure {
    try {
      return Class.forName(className, true, JndiNames.class.getClassLoader())
          .asSubclass(InitialContextFactory.class)
          .getDeclaredConstructor()
          .newInstance();
    } catch (ClassNotFoundException e) {
      throw new JmsFailure(
          "class "
              + className
              + " is not there (expected: the jars of the broker's client in plugins.d/jms/libext)");
    } catch (ReflectiveOperationException | LinkageError | ClassCastException e) {
      throw new JmsFailure("the context factory " + className + " cannot be made", e);
    }
  }

  /** What stands behind a name. */
  @SuppressWarnings(
      "BanJNDI") // The one place; the factory, its URL and the name are held to rules.
  Object lookup(String name) throws JmsFailure {
    Optional<String> complaint = JndiRules.complaintOfName(name);
    if (complaint.isPresent()) {
      throw new JmsFailure(complaint.get());
    }
    try {
      Object found = context.lookup(name);
      if (found == null) {
        throw new JmsFailure("the JNDI name " + name + " is bound to nothing");
      }
      return found;
    } catch (NamingException e) {
      throw new JmsFailure("the JNDI name " + name, e);
    }
  }

  @Override
  public void close() throws JmsFailure {
    try {
      context.close();
    } catch (NamingException e) {
      throw new JmsFailure("closing the JNDI context", e);
    }
  }
}
