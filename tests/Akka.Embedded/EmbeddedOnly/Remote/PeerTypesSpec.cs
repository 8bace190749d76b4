// Which types a peer may have us build by their names: messages and plain data, and nothing that acts by being made.

using Akka.Actor;
using Akka.Serialization;

namespace Akka.Embedded.Tests.EmbeddedOnly.Remote;

public sealed class PeerTypesSpec
{
    private readonly PeerTypes _types = new(() => []);

    [Theory]
    [InlineData(typeof(string))]
    [InlineData(typeof(int?))]
    [InlineData(typeof(object[]))]
    [InlineData(typeof(DateTime))]
    [InlineData(typeof(List<string>))]
    [InlineData(typeof(Dictionary<string, List<int>>))]
    [InlineData(typeof(System.Collections.Immutable.ImmutableList<int>))]
    [InlineData(typeof((int, string)))]
    [InlineData(typeof(InvalidOperationException))]
    [InlineData(typeof(Message))]
    [InlineData(typeof(List<Message[]>))]
    [InlineData(typeof(Status.Failure))]
    [InlineData(typeof(Address))]
    public void Data_may_be_named(Type type)
    {
        _types.TryFind(type.AssemblyQualifiedName!, out var found).ShouldBeTrue();
        found.ShouldBe(type);
    }

    [Theory]
    [InlineData(typeof(System.Diagnostics.Process))]
    [InlineData(typeof(System.Diagnostics.ProcessStartInfo))]
    [InlineData(typeof(FileInfo))]
    [InlineData(typeof(FileStream))]
    [InlineData(typeof(Action))]
    [InlineData(typeof(Func<Message>))]
    [InlineData(typeof(List<FileInfo>))]
    [InlineData(typeof(FileInfo[]))]
    [InlineData(typeof(Type))]
    [InlineData(typeof(AppDomain))]
    [InlineData(typeof(System.Net.Sockets.Socket))]
    [InlineData(typeof(System.Reflection.Assembly))]
    [InlineData(typeof(IntPtr))]
    [InlineData(typeof(Newtonsoft.Json.Linq.JObject))]
    [InlineData(typeof(UntypedActor))]
    [InlineData(typeof(LocalActorRef))]
    [InlineData(typeof(ActorSystemImpl))]
    [InlineData(typeof(NewtonSoftJsonSerializer))]
    [InlineData(typeof(Shouldly.ShouldAssertException))]
    public void What_is_no_data_may_not(Type type) => _types.TryFind(type.AssemblyQualifiedName!, out _).ShouldBeFalse();

    [Theory]
    [InlineData("")]
    [InlineData("No.Such.Type")]
    [InlineData("System.String, No.Such.Assembly")]
    [InlineData("[[")]
    [InlineData("System.Collections.Generic.List`1[[System.String")]
    [InlineData("System.Collections.Generic.List`1[[System.Diagnostics.Process, System.Diagnostics.Process]]")]
    [InlineData("System.Void*")]
    [InlineData("System.String&")]
    public void What_is_no_type_is_not_found(string name) => _types.TryFind(name, out _).ShouldBeFalse();

    [Fact]
    public void Names_that_say_an_assembly_of_Akka_NET_mean_the_runtime()
    {
        _types.TryFind("Akka.Actor.Status+Failure, Akka", out var found).ShouldBeTrue();
        found.ShouldBe(typeof(Status.Failure));
    }

    private sealed record Message(string Text);
}
