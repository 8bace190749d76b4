// The program behind ./lguest. It is only a table of contents: each verb of the command line is a file of its own under Commands/,
// and CommandLine.cs lists them.

return Lguest.Host.Commands.CommandLine.Run(args, Console.Out, Console.Error);
