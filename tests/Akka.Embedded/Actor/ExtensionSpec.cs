// What is added to a system once and found by everyone.

using Akka.Actor;

namespace Akka.Embedded.Tests.Actor;

public sealed class Counting : IExtension
{
    private int _count;

    public int Next() => Interlocked.Increment(ref _count);
}

public sealed class CountingProvider : ExtensionIdProvider<Counting>
{
    public override Counting CreateExtension(ExtendedActorSystem system) => new();
}

public sealed class ExtensionSpec : PatientTestKit
{
    [Fact]
    public void An_extension_is_made_once_a_system()
    {
        Sys.HasExtension<Counting>().ShouldBeFalse();

        Sys.WithExtension<Counting, CountingProvider>().Next().ShouldBe(1);
        new CountingProvider().Apply(Sys).Next().ShouldBe(2);

        Sys.GetExtension<Counting>().Next().ShouldBe(3);
        Sys.TryGetExtension<Counting>(out var found).ShouldBeTrue();
        found.Next().ShouldBe(4);
    }

    [Fact]
    public async Task The_configuration_can_name_extensions()
    {
        var name = typeof(CountingProvider).AssemblyQualifiedName;
        var system = ActorSystem.Create("extended", $"akka.extensions = [\"{name}\"]");

        system.HasExtension<Counting>().ShouldBeTrue();

        await system.Terminate();
    }
}
