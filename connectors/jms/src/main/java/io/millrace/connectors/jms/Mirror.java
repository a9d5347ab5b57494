/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.jms;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Shows the objects of a JMS client under the interfaces of {@link Jms}, whether the client is
 * written for {@code jakarta.jms} or for {@code javax.jms}. Calls go to the methods of the API's
 * public interfaces, so that it does not matter how the client hides its classes.
 *
 * <p>Safe for many threads.
 */
final class Mirror {
  /** The packages of the API, and the order in which a factory that has both is taken for one. */
  static final List<String> PACKAGES = List.of("jakarta.jms", "javax.jms");

  private final String apiPackage;
  private final ClassLoader apiLoader;
  private final Map<Method, Method> theirs = new ConcurrentHashMap<>();
  private final Map<Class<?>, Class<?>> theirTypes = new ConcurrentHashMap<>();

  private Mirror(String apiPackage, ClassLoader apiLoader) {
    this.apiPackage = apiPackage;
    this.apiLoader = apiLoader;
  }

  /** The mirror for the client whose connection factory this is; empty when it is none. */
  static Optional<Mirror> of(Object connectionFactory) {
    for (String apiPackage : PACKAGES) {
      Optional<Class<?>> api =
          interfaceNamed(apiPackage + ".ConnectionFactory", connectionFactory.getClass());
      if (api.isPresent()) {
        return Optional.of(new Mirror(apiPackage, api.get().getClassLoader()));
      }
    }
    return Optional.empty();
  }

  private static Optional<Class<?>> interfaceNamed(String name, Class<?> type) {
    for (Class<?> at = type; at != null; at = at.getSuperclass()) {
      for (Class<?> api : at.getInterfaces()) {
        if (api.getName().equals(name)) {
          return Optional.of(api);
        }
        Optional<Class<?>> inherited = interfaceNamed(name, api);
        if (inherited.isPresent()) {
          return inherited;
        }
      }
    }
    return Optional.empty();
  }

  /** {@code jakarta.jms} or {@code javax.jms}. */
  String apiPackage() {
    return apiPackage;
  }

  /** Whether a client's object is what {@code ours} stands for. */
  boolean isInstance(Object theirObject, Class<?> ours) {
    return theirType(ours).isInstance(theirObject);
  }

  /** The client's object under our interface. */
  <T extends Jms.Mirrored> T show(Object theirObject, Class<T> ours) {
    if (!isInstance(theirObject, ours)) {
      throw new IllegalArgumentException(
          theirObject.getClass().getName() + " (expected: " + theirType(ours).getName() + ")");
    }
    return ours.cast(
        Proxy.newProxyInstance(
            Mirror.class.getClassLoader(), new Class<?>[] {ours}, new Shown(theirObject)));
  }

  /** The same object under another of our interfaces; empty when it is not of that type. */
  <T extends Jms.Mirrored> Optional<T> as(Jms.Mirrored shown, Class<T> ours) {
    Object theirObject = behind(shown);
    return isInstance(theirObject, ours) ? Optional.of(show(theirObject, ours)) : Optional.empty();
  }

  /** The client's object that is shown. */
  static Object behind(Jms.Mirrored shown) {
    return ((Shown) Proxy.getInvocationHandler(shown)).theirObject;
  }

  private final class Shown implements InvocationHandler {
    private final Object theirObject;

    Shown(Object theirObject) {
      this.theirObject = theirObject;
    }

    @Override
    public Object invoke(Object proxy, Method ours, Object[] arguments) throws Throwable {
      if (ours.getDeclaringClass() == Object.class) {
        return invokeOnObject(ours, arguments);
      }
      Method method = theirs.computeIfAbsent(ours, Mirror.this::find);
      Object result;
      try {
        result = method.invoke(theirObject, translate(arguments));
      } catch (InvocationTargetException e) {
        Throwable cause = e.getCause();
        if (cause instanceof Error error) {
          throw error;
        }
        // Clients throw their JMSException, and some of them runtime exceptions as well.
        throw new JmsFailure(ours.getName(), cause);
      }
      return result != null && Jms.Mirrored.class.isAssignableFrom(ours.getReturnType())
          ? show(result, ours.getReturnType().asSubclass(Jms.Mirrored.class))
          : result;
    }

    private Object invokeOnObject(Method ours, Object[] arguments) {
      return switch (ours.getName()) {
        case "equals" -> arguments[0] instanceof Jms.Mirrored other && behind(other) == theirObject;
        case "hashCode" -> System.identityHashCode(theirObject);
        default -> "mirror of " + theirObject.getClass().getName();
      };
    }
  }

  private Object[] translate(Object[] arguments) {
    if (arguments == null) {
      return new Object[0];
    }
    Object[] translated = arguments.clone();
    for (int i = 0; i < translated.length; i++) {
      if (translated[i] instanceof Jms.ExceptionListener listener) {
        translated[i] = listenerForThem(listener);
      } else if (translated[i] instanceof Jms.Mirrored shown) {
        translated[i] = behind(shown);
      }
    }
    return translated;
  }

  private Object listenerForThem(Jms.ExceptionListener listener) {
    Class<?> type = theirType(Jms.ExceptionListener.class);
    return Proxy.newProxyInstance(
        type.getClassLoader(),
        new Class<?>[] {type},
        (proxy, method, arguments) -> {
          switch (method.getName()) {
            case "onException" -> listener.onException((Exception) arguments[0]);
            case "equals" -> {
              return proxy == arguments[0];
            }
            case "hashCode" -> {
              return System.identityHashCode(proxy);
            }
            default -> {
              return "exception listener of the JMS source";
            }
          }
          return null;
        });
  }

  private Method find(Method ours) {
    Class<?>[] parameters = ours.getParameterTypes();
    for (int i = 0; i < parameters.length; i++) {
      parameters[i] = theirType(parameters[i]);
    }
    Class<?> type = theirType(ours.getDeclaringClass());
    try {
      return type.getMethod(ours.getName(), parameters);
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException(
          type.getName() + " has no method " + ours.getName() + ": it is no JMS 1.1 or later", e);
    }
  }

  private Class<?> theirType(Class<?> ours) {
    if (ours.getDeclaringClass() != Jms.class) {
      return ours;
    }
    return theirTypes.computeIfAbsent(ours, this::load);
  }

  private Class<?> load(Class<?> ours) {
    String name = apiPackage + "." + ours.getSimpleName();
    try {
      return Class.forName(name, false, apiLoader);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(name + " is missing beside ConnectionFactory", e);
    }
  }
}
