// The mark of tests that do not want their messages to come from the test actor.

namespace Akka.TestKit;

public interface INoImplicitSender
{
}
